/** What a pool's PasswordPolicy says about a password, and passwords that it says nothing against. */
import { randomInt } from 'node:crypto';
import type { PasswordPolicyType } from '@poolkeeper/model';

/** The shortest MinimumLength that Cognito lets a policy ask for. */
const SHORTEST = 6;
/** Letters are Basic Latin only; the symbols are the developer guide's list ("Adding user pool password requirements"). */
const LOWERCASE = /[a-z]/;
const UPPERCASE = /[A-Z]/;
const NUMBER = /[0-9]/;
const SYMBOL = /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]/;
/** A space counts as a symbol unless it comes first or last. */
const INNER_SPACE = /[^ ] +[^ ]/;

/**
 * The first rule of `policy` that `password` breaks, in Cognito's words, or undefined when it breaks none. The caller
 * puts its operation's prefix before it (`Password does not conform to policy: ` or its variants).
 *
 * Length comes first, as in Cognito; the order of the character classes is our choice, Cognito's is not documented.
 * PasswordHistorySize is not looked at here: that rule needs the old hashes.
 */
export function checkPolicy(policy: PasswordPolicyType, password: string): string | undefined {
  if (password.length < (policy.MinimumLength ?? SHORTEST)) return 'Password not long enough';
  if (policy.RequireLowercase && !LOWERCASE.test(password)) return 'Password must have lowercase characters';
  if (policy.RequireUppercase && !UPPERCASE.test(password)) return 'Password must have uppercase characters';
  if (policy.RequireNumbers && !NUMBER.test(password)) return 'Password must have numeric characters';
  if (policy.RequireSymbols && !SYMBOL.test(password) && !INNER_SPACE.test(password)) {
    return 'Password must have symbol characters';
  }
  return undefined;
}

/** Letters and digits without those that look alike (l I 1, o O 0), and symbols that no HTML or template changes. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!#$%*+-=?@_';
/** 12 draws out of 67 are 72 bits: out of reach for as long as a temporary password may live. */
const TEMPORARY_LENGTH = 12;
const EVERY_CLASS: PasswordPolicyType = {
  RequireLowercase: true,
  RequireUppercase: true,
  RequireNumbers: true,
  RequireSymbols: true,
};

/**
 * A random password that satisfies `policy` (and has every class of characters, whatever the policy asks for): 12
 * characters, or MinimumLength if that is more. It begins and ends with a letter or digit, so that people copy all of it
 * out of a sentence. Whole candidates are drawn until one fits, so all that fit are equally likely.
 */
export function temporaryPassword(policy: PasswordPolicyType): string {
  const length = Math.max(TEMPORARY_LENGTH, policy.MinimumLength ?? 0);
  for (;;) {
    const candidate = Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
    if (/^[A-Za-z0-9].*[A-Za-z0-9]$/.test(candidate) && checkPolicy(EVERY_CLASS, candidate) === undefined) {
      return candidate;
    }
  }
}
