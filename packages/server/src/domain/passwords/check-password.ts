import { invalidPassword, passwordCompromised, validationFailed } from '../../errors.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { checkPolicy } from './policy.ts';

/** How an operation begins its complaint about a weak password; Amazon Cognito words it in three ways. */
export type PolicyComplaint =
  | 'Password did not conform with policy'
  | 'Password did not conform with password policy'
  | 'Password does not conform to policy';

/**
 * Throws InvalidPasswordException with the first rule of the pool's that a password breaks. It tells nothing of any user,
 * and may ask a service: it belongs outside of every unit of work.
 */
export async function requireAcceptable(
  services: Services,
  pool: UserPool,
  password: string,
  complaint: PolicyComplaint,
): Promise<void> {
  const reason = checkPolicy(pool.config.Policies.PasswordPolicy ?? {}, password);
  if (reason !== undefined) throw invalidPassword(`${complaint}: ${reason}`);
  if (pool.settings.passwords.compromised === 'allow') return;
  if (await services.compromisedPasswords.include(password)) throw passwordCompromised();
}

const LONGEST = 256;
/** The model's pattern of a password, in Java: no space at either end, and no line break. */
const PATTERN = '^[\\S]+.*[\\S]+$';
/** The same in JavaScript, whose `\S` leaves out more than ASCII's spaces. */
const pattern = /^[^\t\n\v\f\r ]+.*[^\t\n\v\f\r ]+$/;

/**
 * The model's constraints on a password, for one that came where the model says nothing: in ChallengeResponses. Throws
 * InvalidParameterException.
 */
export function requirePasswordShape(password: string): void {
  if (password.length > LONGEST) throw violated(`have length less than or equal to ${LONGEST}`);
  if (!pattern.test(password)) throw violated(`satisfy regular expression pattern: ${PATTERN}`);
}

const violated = (constraint: string) =>
  validationFailed([`Value at 'password' failed to satisfy constraint: Member must ${constraint}`]);
