import { isCommonPassword } from './common-passwords.ts';
import type { PasswordRanges } from './password-ranges.ts';

/** Tells passwords that others are known to have had. */
export interface CompromisedPasswords {
  include(password: string): Promise<boolean>;
}

/** Common passwords, and those of a range service where there is one. */
export const createCompromisedPasswords = (ranges: PasswordRanges | undefined): CompromisedPasswords => ({
  include: async (password) => isCommonPassword(password) || (await ranges?.hold(password)) === true,
});
