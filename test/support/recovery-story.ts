import {
  AdminGetUserCommand,
  ConfirmSignUpCommand,
  type CreateUserPoolCommandInput,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { attributeList } from './attributes.ts';
import { type House, NEW_PASSWORD, PASSWORD } from './house.ts';
import { type RecoveryCalls, recoveryCalls, wrongCode } from './recovery-calls.ts';

const UNKNOWN = 'UserNotFoundException: Username/client id combination not found.';
export const DISABLED = 'NotAuthorizedException: User is disabled.';
const NO_ADDRESS =
  'InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number';
export const WRONG_STATE = 'NotAuthorizedException: User password cannot be reset in the current state.';
export const MISMATCH = 'CodeMismatchException: Invalid verification code provided, please try again.';
export const EXPIRED = 'ExpiredCodeException: Invalid code provided, please request a code again.';

/** ConfirmForgotPassword before any request; ForgotPassword; a wrong code; and the right one, where one was sent. */
export interface Story {
  unasked: string;
  forgot: string;
  wrong: string;
  right?: string;
}
export const RECOVERS: Story = { unasked: EXPIRED, forgot: 'sent', wrong: MISMATCH, right: 'reset' };
export const HIDDEN: Story = { unasked: EXPIRED, forgot: 'simulated', wrong: MISMATCH };
export const always = (text: string): Story => ({ unasked: text, forgot: text, wrong: text });
export const refusedWith = (forgot: string): Story => ({ unasked: EXPIRED, forgot, wrong: EXPIRED });

export type Mode = 'LEGACY' | 'ENABLED';
export const MODES: Mode[] = ['LEGACY', 'ENABLED'];
export const BOTH = { LEGACY: RECOVERS, ENABLED: RECOVERS };
export const NOBODY = { LEGACY: always(UNKNOWN), ENABLED: HIDDEN };
export const ADDRESSLESS = { LEGACY: refusedWith(NO_ADDRESS), ENABLED: HIDDEN };

type Attributes = Record<string, string>;
/** Somebody to be named: the username, and where their code goes. */
export interface Person {
  username: string;
  sub: string;
  to: string;
}

/** A pool with an app client of each mode, and how people there fare. */
export async function openRecoveryPool(house: House, options: Partial<CreateUserPoolCommandInput>) {
  const UserPoolId = await house.createPool(options);
  const { ClientId } = await house.createClient(UserPoolId);
  const hiding = await house.createClient(UserPoolId, { PreventUserExistenceErrors: 'ENABLED' });
  const calls: Record<Mode, RecoveryCalls> = {
    LEGACY: recoveryCalls(house, { ClientId }),
    ENABLED: recoveryCalls(house, hiding),
  };
  const named = (Username: string) => ({ UserPoolId, Username });
  const send = house.sdk.send.bind(house.sdk);

  const shop = {
    calls,
    named,

    async subOf(name: string) {
      const { UserAttributes } = await send(new AdminGetUserCommand(named(name)));
      return UserAttributes?.find(({ Name }) => Name === 'sub')?.Value as string;
    },

    async person(name: string, to: string): Promise<Person> {
      const { Username } = await send(new AdminGetUserCommand(named(name)));
      return { username: Username as string, sub: await shop.subOf(name), to };
    },

    /** CONFIRMED, with a verified email unless the attributes are given. */
    async confirmed(name: string, attributes?: Attributes): Promise<Person> {
      const to = name.includes('@') ? name : `${name}@example.com`;
      await house.createUser(
        UserPoolId,
        name,
        attributeList(attributes ?? { email: to, email_verified: 'true' }),
      );
      return shop.person(name, attributes?.['email'] ?? to);
    },

    signUp: (Username: string, attributes: Attributes) =>
      send(
        new SignUpCommand({
          ClientId,
          Username,
          Password: PASSWORD,
          UserAttributes: attributeList(attributes),
        }),
      ),

    confirmSignUp: (Username: string, ConfirmationCode: string, ForceAliasCreation?: boolean) =>
      send(
        new ConfirmSignUpCommand({
          ClientId,
          Username,
          ConfirmationCode,
          ForceAliasCreation,
        }),
      ),

    /** What becomes of somebody who lost a password and is called `name`. */
    async story(mode: Mode, name: string, { username, to }: Pick<Person, 'username' | 'to'>): Promise<Story> {
      const { forgot, confirm } = calls[mode];
      const toldOf = (call: Promise<unknown>, well: () => Promise<string>) =>
        call.then(well, (error: Error) => `${error.name}: ${error.message}`);
      const unasked = await toldOf(confirm(name, '000000'), async () => 'reset');
      const before = (await house.messages(to, 0)).length;
      const sent = await toldOf(forgot(name), async () =>
        (await house.messages(to, 0)).length > before ? 'sent' : 'simulated',
      );
      const code = sent === 'sent' ? await house.code(to) : '123456';
      const wrong = await toldOf(confirm(name, wrongCode(code)), async () => 'reset');
      if (sent !== 'sent') return { unasked, forgot: sent, wrong };
      const right = await toldOf(confirm(name, code), async () => {
        const { AuthenticationResult } = await calls.LEGACY.signIn(username, NEW_PASSWORD);
        return AuthenticationResult === undefined ? 'no sign-in' : 'reset';
      });
      return { unasked, forgot: sent, wrong, right };
    },

    /** The same for two people alike, through a client of each mode. */
    both: async (make: () => Promise<{ name: string; person: Pick<Person, 'username' | 'to'> }>) => {
      const stories = {} as Record<Mode, Story>;
      for (const mode of MODES) {
        const { name, person } = await make();
        stories[mode] = await shop.story(mode, name, person);
      }
      return stories;
    },
  };
  return shop;
}
export type RecoveryPool = Awaited<ReturnType<typeof openRecoveryPool>>;
