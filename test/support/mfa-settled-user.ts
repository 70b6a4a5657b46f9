import {
  AdminDeleteUserAttributesCommand,
  type RecoveryOptionNameType,
} from '@aws-sdk/client-cognito-identity-provider';
import type { House } from './house.ts';
import { type Factor, newPhone, openMfaPool, recovery } from './mfa-sign-in.ts';
import { newName } from './recovery-calls.ts';

const APP = 'SOFTWARE_TOKEN_MFA';

/** What a user has: an app that is verified, addresses that are not, and what was switched on. */
export interface Has {
  app?: boolean;
  phone?: boolean;
  email?: boolean;
  on?: readonly Factor[];
  preferred?: Factor;
  /** Addresses that an administrator removed in the end. */
  lost?: readonly ('phone_number' | 'email')[];
}
export const all = { app: true, phone: true, email: true };

/** A user of a new pool, who got their factors while every one of them was optional there. */
export async function settle(
  house: House,
  factors: readonly Factor[],
  { app, phone, email, on = [], preferred, lost = [] }: Has,
  recoverBy: RecoveryOptionNameType[] = ['admin_only'],
) {
  const everything = [...new Set<Factor>([...factors, ...on, APP])];
  const pool = await openMfaPool(house, 'OPTIONAL', everything, recovery(...recoverBy));
  const name = await pool.createUser(newName());
  if (app) await pool.setUpApp(name);
  if (phone) await pool.update(name, { phone_number: newPhone() });
  if (email) await pool.update(name, { email: `${name}@example.com` });
  await pool.switchOn(name, on, preferred);
  for (const attribute of lost) {
    const whose = { UserPoolId: pool.id, Username: name };
    await house.sdk.send(new AdminDeleteUserAttributesCommand({ ...whose, UserAttributeNames: [attribute] }));
  }
  return { pool, name };
}
