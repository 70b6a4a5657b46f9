import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import type { House } from './house.ts';
import { passwordSetters } from './password-setters.ts';
import { newName, recoveryCalls } from './recovery-calls.ts';

/** The type is of the API's model; Amazon Cognito's text is not known. */
export const USED_BEFORE = 'PasswordHistoryPolicyViolationException: Password has previously been used.';

/** Members of a pool that remembers so many passwords of a user, and asks little else of them. */
export const historyOf = (PasswordHistorySize: number) => ({
  Policies: { PasswordPolicy: { MinimumLength: 6, PasswordHistorySize } },
});
/** The first, second … password that a user has. */
export const nth = (n: number) => `passw0rd!${n}`;

/** A pool that remembers passwords, and what its tests do there. */
export async function openHistoryPool(house: House, size: number) {
  const id = await house.createPool(historyOf(size));
  const client = await house.createClient(id);
  const calls = recoveryCalls(house, client);
  const adminSet = (Username: string, Password: string, Permanent = true) =>
    house.sdk.send(new AdminSetUserPasswordCommand({ UserPoolId: id, Username, Password, Permanent }));
  /** A user who has had these passwords, one after the other. */
  async function createUser(passwords: readonly string[]): Promise<string> {
    const name = newName('history');
    const [first, ...others] = passwords;
    const UserAttributes = [
      { Name: 'email', Value: `${name}@example.com` },
      { Name: 'email_verified', Value: 'true' },
    ];
    const user = { UserPoolId: id, Username: name, TemporaryPassword: first, UserAttributes };
    await house.sdk.send(new AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS' }));
    for (const password of others) await adminSet(name, password);
    return name;
  }
  return { id, client, calls, adminSet, createUser, prospect: passwordSetters(house, id, client) };
}
export type HistoryPool = Awaited<ReturnType<typeof openHistoryPool>>;
