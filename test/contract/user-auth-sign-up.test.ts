import {
  AdminConfirmSignUpCommand,
  AdminDisableUserCommand,
  AdminInitiateAuthCommand,
  AdminSetUserMFAPreferenceCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  ConfirmSignUpCommand,
  ResendConfirmationCodeCommand,
  SignUpCommand,
  type SignUpCommandInput,
  UpdateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import { PREFERRED, setPoolFactors } from '../support/mfa.ts';
import { otherCode } from '../support/mfa-sign-in.ts';
import { newName, secretHash } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { claimsOf } from '../support/sign-in.ts';
import { choiceCalls, createChoiceClient, firstFactors, openChoicePool } from '../support/user-auth.ts';

type Pool = Awaited<ReturnType<typeof openChoicePool>>;
let house: House;
let pool: Pool;
let name: string;
/** Where their codes go. */
let email: string;

beforeAll(async () => {
  house = await openHouse();
  pool = await openChoicePool(house);
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => {
  name = newName('new');
  email = `${name}@example.com`;
});

const signUp = (input: Partial<SignUpCommandInput> = {}) =>
  house.sdk.send(
    new SignUpCommand({
      ClientId: pool.client.ClientId,
      Username: name,
      UserAttributes: attributeList({ email }),
      ...input,
    }),
  );
const confirm = async (
  Session: string | undefined,
  { client }: Pick<Pool, 'client'> = pool,
  SecretHash?: string,
) =>
  house.sdk.send(
    new ConfirmSignUpCommand({
      ClientId: client.ClientId,
      Username: name,
      ConfirmationCode: await house.code(email),
      Session,
      SecretHash,
    }),
  );
/** The session with which a new user is signed in. */
async function signedUp(input: Partial<SignUpCommandInput> = {}): Promise<string> {
  const { Session } = await signUp(input);
  return (await confirm(Session)).Session as string;
}
const signedInAs = async (call: ReturnType<Pool['start']>) => {
  const { AuthenticationResult } = await call;
  return claimsOf(AuthenticationResult?.AccessToken ?? '')['username'];
};

describe('the session of a sign-up', () => {
  it('goes from SignUp over ConfirmSignUp to InitiateAuth, which asks for nothing more [D]', async () => {
    const begun = await signUp();
    const confirmed = await confirm(begun.Session);
    expect(confirmed.Session).not.toBe(begun.Session);
    expect(await signedInAs(pool.start(name, {}, confirmed.Session))).toBe(name);
    expect(await house.messages(email)).toHaveLength(1);
  });

  it('is good for AdminInitiateAuth, for users with a password, and whatever is preferred [D]', async () => {
    const Session = await signedUp({ Password: PASSWORD });
    const { AuthenticationResult } = await house.sdk.send(
      new AdminInitiateAuthCommand({
        UserPoolId: pool.id,
        ...pool.client,
        AuthFlow: 'USER_AUTH',
        AuthParameters: { USERNAME: name, PREFERRED_CHALLENGE: 'PASSWORD', PASSWORD: 'ignored' },
        Session,
      }),
    );
    expect(AuthenticationResult?.RefreshToken).toBeDefined();
  });

  it('is for app clients with ALLOW_USER_AUTH [Q]', async () => {
    const client = await house.createClient(pool.id);
    expect(await signUp({ ...client, Password: PASSWORD })).not.toHaveProperty('Session');
    expect(await confirm(undefined, { client })).not.toHaveProperty('Session');
  });

  it('begins at ConfirmSignUp for clients that send none, as Amplify for JavaScript: the code proves as much', async () => {
    await signUp();
    const { Session } = await confirm(undefined);
    expect(await signedInAs(pool.start(name, {}, Session))).toBe(name);
  });

  it('outlives a wrong code and another message', async () => {
    const { Session } = await signUp();
    const whose = { ClientId: pool.client.ClientId, Username: name };
    const wrong = { ...whose, ConfirmationCode: otherCode(await house.code(email)), Session };
    expect(await refusal(house.sdk.send(new ConfirmSignUpCommand(wrong)))).toMatch('CodeMismatchException');
    await house.sdk.send(new ResendConfirmationCodeCommand(whose));
    const confirmed = await confirm(Session);
    expect(await signedInAs(pool.start(name, {}, confirmed.Session))).toBe(name);
  });

  it('works beside a secret', async () => {
    const client = await createChoiceClient(house, pool.id, { GenerateSecret: true });
    const SecretHash = secretHash(client, name);
    const { Session } = await signUp({ ClientId: client.ClientId, SecretHash });
    const confirmed = await confirm(Session, { client }, SecretHash);
    const calls = choiceCalls(house, client);
    expect(await signedInAs(calls.start(name, {}, confirmed.Session))).toBe(name);
  });

  it('signs in once; of 20 at the same time one', async () => {
    const Session = await signedUp();
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => pool.start(name, {}, Session)));
    const winners = answers.filter(
      (answer) => answer.status === 'fulfilled' && answer.value.AuthenticationResult !== undefined,
    );
    expect(winners).toHaveLength(1);
    expect((await pool.start(name, {}, Session)).ChallengeName).toBe('SELECT_CHALLENGE');
  });
});

it('spares nobody a second factor that was switched on meanwhile', async () => {
  const other = await openChoicePool(house);
  await setPoolFactors(house, other.id, 'OPTIONAL', ['SMS_MFA']);
  email = '+12065550999';
  const whose = { UserPoolId: other.id, Username: name };
  const { Session } = await signUp({
    ...other.client,
    UserAttributes: attributeList({ phone_number: email }),
  });
  const confirmed = await confirm(Session, other);
  const on = new AdminSetUserMFAPreferenceCommand({ ...whose, SMSMfaSettings: PREFERRED });
  await house.sdk.send(on);
  const met = await other.start(name, {}, confirmed.Session);
  expect(met.ChallengeName).toBe('SMS_MFA');
  expect(await signedInAs(other.enter(name, met, await house.code(email)))).toBe(name);
});

describe('a session that does not fit', () => {
  const ordinary = { ChallengeName: 'SELECT_CHALLENGE', AvailableChallenges: ['EMAIL_OTP'] };

  it('keeps nobody from confirming: theirs has ended, is another user’s, another client’s, or nonsense', async () => {
    const strangers = (await signUp()).Session;
    const sibling = await createChoiceClient(house, pool.id);
    for (const session of ['ended', 'strangers', 'siblings', 'nonsense'] as const) {
      name = newName('late');
      email = `${name}@example.com`;
      const own = await signUp(session === 'siblings' ? sibling : {});
      if (session === 'ended') await house.advance('PT3M1S');
      const Session = { ended: own.Session, strangers, siblings: own.Session, nonsense: 'x'.repeat(40) }[
        session
      ];
      expect(await confirm(Session)).not.toHaveProperty('Session');
      expect(await pool.start(name)).toMatchObject(ordinary);
    }
  });

  it('leads to an ordinary sign-in: it has ended, is SignUp’s, another user’s or another client’s', async () => {
    const another = await signedUp();
    name = newName('other');
    email = `${name}@example.com`;
    const begun = (await signUp()).Session;
    const { Session } = await confirm(begun);
    const sibling = choiceCalls(house, await createChoiceClient(house, pool.id));
    expect(await sibling.start(name, {}, Session)).toMatchObject(ordinary);
    for (const unfit of [begun, another, 'x'.repeat(40)])
      expect(await pool.start(name, {}, unfit)).toMatchObject(ordinary);
    await house.advance('PT3M1S');
    expect(await pool.start(name, {}, Session)).toMatchObject(ordinary);
  });

  it('is one of a user who has signed in meanwhile', async () => {
    const Session = await signedUp({ Password: PASSWORD });
    await pool.prefer(name, 'PASSWORD', { PASSWORD });
    expect((await pool.start(name, {}, Session)).ChallengeName).toBe('SELECT_CHALLENGE');
  });

  it('is one of a user with another password, or whose address is no longer verified', async () => {
    const whose = () => ({ UserPoolId: pool.id, Username: name });
    const first = await signedUp();
    await house.sdk.send(
      new AdminSetUserPasswordCommand({ ...whose(), Password: PASSWORD, Permanent: true }),
    );
    expect((await pool.start(name, {}, first)).ChallengeName).toBe('SELECT_CHALLENGE');
    name = newName('moved');
    email = `${name}@example.com`;
    const second = await signedUp({ Password: PASSWORD });
    const UserAttributes = attributeList({ email: 'elsewhere@example.com' });
    await house.sdk.send(new AdminUpdateUserAttributesCommand({ ...whose(), UserAttributes }));
    expect((await pool.start(name, {}, second)).ChallengeName).toBe('SELECT_CHALLENGE');
  });

  it('is one where a code to the address that was confirmed is no first factor', async () => {
    const phones = await openChoicePool(house, firstFactors('PASSWORD', 'SMS_OTP'));
    const { Session } = await signUp({ ClientId: phones.client.ClientId, Password: PASSWORD });
    const confirmed = await confirm(Session, phones);
    expect(confirmed.Session).toBeDefined();
    expect(await phones.start(name, {}, confirmed.Session)).toMatchObject({
      ChallengeName: 'SELECT_CHALLENGE',
      AvailableChallenges: ['PASSWORD_SRP', 'PASSWORD'],
    });
  });

  it('is one of a disabled user', async () => {
    const Session = await signedUp();
    await house.sdk.send(new AdminDisableUserCommand({ UserPoolId: pool.id, Username: name }));
    expect(await refusal(pool.start(name, {}, Session))).toBe('NotAuthorizedException: User is disabled.');
  });
});

describe('where the client hides users', () => {
  it('ConfirmSignUp tells no more with a session than without', async () => {
    const client = await createChoiceClient(house, pool.id, { PreventUserExistenceErrors: 'ENABLED' });
    const { Session } = await signUp(client);
    const confirmed = await confirm(Session, { client });
    const calls = choiceCalls(house, client);
    for (const Username of [name, 'nobody'])
      for (const session of [undefined, Session, confirmed.Session]) {
        const again = { ...client, Username, ConfirmationCode: '123456', Session: session };
        expect(await refusal(house.sdk.send(new ConfirmSignUpCommand(again)))).toBe(
          'ExpiredCodeException: Invalid code provided, please request a code again.',
        );
      }
    expect((await calls.start('nobody', {}, confirmed.Session)).AuthenticationResult).toBeUndefined();
    expect(await signedInAs(calls.start(name, {}, confirmed.Session))).toBe(name);
  });
});

describe('SignUp without a password', () => {
  const REQUIRED = 'InvalidParameterException: Password is required.';

  it('is possible where a code is a first factor and the client has ALLOW_USER_AUTH [D]', async () => {
    const without = await openChoicePool(house, {});
    expect(await refusal(signUp(await house.createClient(pool.id)))).toBe(REQUIRED);
    expect(await refusal(signUp(without.client))).toBe(REQUIRED);
    expect((await signUp()).UserConfirmed).toBe(false);
  });

  it('needs an address that a code can go to', async () => {
    const mails = await openChoicePool(house, firstFactors('PASSWORD', 'EMAIL_OTP'));
    for (const attributes of [{}, { phone_number: '+12065550100' }])
      expect(await refusal(signUp({ ...mails.client, UserAttributes: attributeList(attributes) }))).toBe(
        'InvalidParameterException: A user without a password needs email to sign in.',
      );
  });

  it('is told to be unconfirmed until it is, and then signs in by codes', async () => {
    await signUp();
    const told = 'UserNotConfirmedException: User is not confirmed.';
    expect(await refusal(pool.start(name))).toBe(told);
    expect(await refusal(pool.prefer(name, 'EMAIL_OTP'))).toBe(told);
    await confirm(undefined);
    const met = await pool.prefer(name, 'EMAIL_OTP');
    expect(await signedInAs(pool.enter(name, met, await house.code(email)))).toBe(name);
  });

  it('that an administrator confirms has proven no address, and nothing to choose', async () => {
    await signUp();
    await house.sdk.send(new AdminConfirmSignUpCommand({ UserPoolId: pool.id, Username: name }));
    expect(await refusal(pool.start(name))).toBe(
      'NotAuthorizedException: There are no available challenges for the user.',
    );
  });

  it('ends with the codes of the pool', async () => {
    const other = await openChoicePool(house);
    const calls = choiceCalls(house, other.client);
    await signUp(other.client);
    await confirm(undefined, other);
    const { Policies } = firstFactors('PASSWORD');
    await house.sdk.send(new UpdateUserPoolCommand({ UserPoolId: other.id, Policies }));
    expect(await refusal(calls.start(name))).toMatch('There are no available challenges');
  });
});
