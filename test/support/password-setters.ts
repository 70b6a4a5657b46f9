import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  ChangePasswordCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { type House, PASSWORD } from './house.ts';
import { newName, recoveryCalls } from './recovery-calls.ts';
import { signIn } from './sign-in.ts';

/** A user who is about to get a password, and the call that gives it. */
export interface Prospect {
  readonly name: string;
  /** Resolves when the password was set. */
  set(password: string): Promise<unknown>;
}

export const SETTERS = [
  'SignUp',
  'AdminCreateUser',
  'AdminSetUserPassword',
  'ChangePassword',
  'ConfirmForgotPassword',
  'NEW_PASSWORD_REQUIRED',
] as const;
export type Setter = (typeof SETTERS)[number];

/** Every way to set a password in a pool, each with a user of its own whose password so far, if any, is `current`. */
export function passwordSetters(house: House, UserPoolId: string, { ClientId }: { ClientId: string }) {
  const { sdk } = house;
  const create = async (password: string | undefined, permanent = true): Promise<string> => {
    const name = newName('setter');
    const email = [
      { Name: 'email', Value: `${name}@example.com` },
      { Name: 'email_verified', Value: 'true' },
    ];
    const user = { UserPoolId, Username: name };
    await sdk.send(
      new AdminCreateUserCommand({
        ...user,
        TemporaryPassword: permanent ? undefined : password,
        MessageAction: 'SUPPRESS',
        UserAttributes: email,
      }),
    );
    if (permanent) {
      await sdk.send(new AdminSetUserPasswordCommand({ ...user, Password: password, Permanent: true }));
    }
    return name;
  };

  const setters: Record<Setter, (current: string) => Promise<Prospect>> = {
    async SignUp() {
      const name = newName('setter');
      return { name, set: (Password) => sdk.send(new SignUpCommand({ ClientId, Username: name, Password })) };
    },
    async AdminCreateUser() {
      const user = { UserPoolId, Username: newName('setter'), MessageAction: 'SUPPRESS' } as const;
      const set = (TemporaryPassword: string) =>
        sdk.send(new AdminCreateUserCommand({ ...user, TemporaryPassword }));
      return { name: user.Username, set };
    },
    async AdminSetUserPassword(current) {
      const name = await create(current);
      const user = { UserPoolId, Username: name, Permanent: true };
      return {
        name,
        set: (Password) => sdk.send(new AdminSetUserPasswordCommand({ ...user, Password })),
      };
    },
    async ChangePassword(current) {
      const name = await create(current);
      const { AccessToken } = await signIn(house, ClientId, name, current);
      const shown = { AccessToken, PreviousPassword: current };
      const set = (ProposedPassword: string) =>
        sdk.send(new ChangePasswordCommand({ ...shown, ProposedPassword }));
      return { name, set };
    },
    async ConfirmForgotPassword(current) {
      const name = await create(current);
      const { forgot, confirm } = recoveryCalls(house, { ClientId });
      await forgot(name);
      const code = await house.code(`${name}@example.com`);
      return { name, set: (password) => confirm(name, code, password) };
    },
    async NEW_PASSWORD_REQUIRED(current) {
      const name = await create(current, false);
      const AuthParameters = { USERNAME: name, PASSWORD: current };
      const begin = new InitiateAuthCommand({ ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters });
      const { ChallengeName, Session } = await sdk.send(begin);
      const set = (NEW_PASSWORD: string) =>
        sdk.send(
          new RespondToAuthChallengeCommand({
            ClientId,
            ChallengeName,
            Session,
            ChallengeResponses: { USERNAME: name, NEW_PASSWORD },
          }),
        );
      return { name, set };
    },
  };
  return (setter: Setter, current = PASSWORD) => setters[setter](current);
}
