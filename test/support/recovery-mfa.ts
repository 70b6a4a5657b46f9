import type { House, Message } from './house.ts';
import { createMfaPool, type SecondFactor } from './mfa.ts';
import { type MfaPool, mfaPoolOf, newPhone } from './mfa-sign-in.ts';
import { newName, recoveryCalls } from './recovery-calls.ts';

export const ALL_FACTORS: readonly SecondFactor[] = ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'];

type Recovery = readonly ('verified_email' | 'verified_phone_number')[];
export const EMAIL_FIRST: Recovery = ['verified_email', 'verified_phone_number'];
export const PHONE_FIRST: Recovery = ['verified_phone_number', 'verified_email'];

interface Wish {
  readonly mode?: 'ON' | 'OPTIONAL';
  readonly factors?: readonly SecondFactor[];
  /** First choice first; empty for no AccountRecoverySetting. */
  readonly recovery?: Recovery;
}

/** A pool with second factors, and the calls of who forgot a password there. */
export async function openRecoveryPool(house: House, wish: Wish = {}) {
  const { mode = 'OPTIONAL', factors = ALL_FACTORS, recovery = EMAIL_FIRST } = wish;
  const RecoveryMechanisms = recovery.map((Name, index) => ({ Name, Priority: index + 1 }));
  const setting = recovery.length > 0 && { AccountRecoverySetting: { RecoveryMechanisms } };
  const id = await createMfaPool(house, mode, factors, { ...setting });
  const client = await house.createClient(id);
  return { pool: mfaPoolOf(house, id, client), calls: recoveryCalls(house, client) };
}

export const changeSettings = (house: House, { id }: MfaPool, json: object) =>
  house.operator(`pools/${id}/settings`, { method: 'PUT', json });

/** A user with a verified email address, a verified phone number, or both. */
export async function createReachable(pool: MfaPool, has: { email?: boolean; phone?: boolean } = {}) {
  const { email = true, phone = true } = has;
  const name = newName();
  const user = { name, email: `${name}@example.com`, phone: newPhone() };
  await pool.createUser(name, {
    ...(email && { email: user.email, email_verified: 'true' }),
    ...(phone && { phone_number: user.phone, phone_number_verified: 'true' }),
  });
  return user;
}
export type Reachable = Awaited<ReturnType<typeof createReachable>>;

/** The newest codes to an address: of a reset, and of a second factor. */
export async function codesTo(house: House, address: string) {
  const messages: readonly Message[] = await house.messages(address, 0);
  const newest = (trigger: string) =>
    messages.find(({ triggerSource }) => triggerSource === `CustomMessage_${trigger}`)?.code;
  return { reset: newest('ForgotPassword'), factor: newest('Authentication') };
}
