import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminResetUserPasswordCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import { ON, registerAuthenticator, setPoolFactors, setPreference } from '../support/mfa.ts';
import { otherCode } from '../support/mfa-sign-in.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';
import { srpClient } from '../support/srp-client.ts';
import { asStep, createPasswordless, firstFactors, type Met, openChoicePool } from '../support/user-auth.ts';

// PreventUserExistenceErrors ENABLED: what an attacker sees of a user and of nobody.
const MISMATCH = 'CodeMismatchException: Invalid code or auth state for the user.';
const WRONG = 'NotAuthorizedException: Incorrect username or password.';
const LIMITED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';
const PASSWORDS = ['PASSWORD_SRP', 'PASSWORD'];
const ALL = [...PASSWORDS, 'EMAIL_OTP', 'SMS_OTP'];
const HIDING = { PreventUserExistenceErrors: 'ENABLED' } as const;

let house: House;
let pool: Awaited<ReturnType<typeof openChoicePool>>;
beforeAll(async () => {
  house = await openHouse();
  pool = await openChoicePool(house, undefined, HIDING);
});
afterAll(() => house[Symbol.asyncDispose]());

const offered = async (name: string, calls = pool) => (await calls.start(name)).AvailableChallenges;

let strangers = 0;
/** A name that nobody has, of so many characters, for which this is offered. */
async function nameOfNobody(length = 8, list = ALL, calls = pool): Promise<string> {
  for (;;) {
    strangers += 1;
    const name = `x${strangers}`.padEnd(length, 'x');
    if (`${await offered(name, calls)}` === `${list}`) return name;
  }
}

/** An answer with each text as its length, but for what may differ between two users: their masked address. */
function form({ $metadata, ...answer }: Met) {
  const lengths = Object.entries(answer.ChallengeParameters ?? {}).map(([key, value]) => [
    key,
    // Java prints integers without their leading zeros.
    ['SALT', 'SRP_B'].includes(key)
      ? 'hex'
      : key === 'CODE_DELIVERY_DESTINATION'
        ? mask(value)
        : value.length,
  ]);
  return { ...answer, Session: answer.Session?.length, ChallengeParameters: lengths };
}
const mask = (destination: string) => destination.replace(/[a-z]/g, 'x').replace(/\d/g, '0');

describe('the lists of what there is to choose', () => {
  it('are two, whatever a user in particular has', async () => {
    const email = { email: 'x@example.com', email_verified: 'true' };
    const create = (Username: string, attributes: Record<string, string>) =>
      house.createUser(pool.id, Username, attributeList(attributes));
    await create('by-email', email);
    await create('by-both', { ...email, phone_number: '+12065550111', phone_number_verified: 'true' });
    await createPasswordless(house, pool.id, 'no-password');
    await create('unverified', { email: 'x@example.com' });
    await create('reset', email);
    await house.sdk.send(new AdminResetUserPasswordCommand({ UserPoolId: pool.id, Username: 'reset' }));
    const invited = { UserPoolId: pool.id, Username: 'invited', TemporaryPassword: PASSWORD };
    const UserAttributes = attributeList(email);
    await house.sdk.send(new AdminCreateUserCommand({ ...invited, UserAttributes }));
    const signUp = { ...pool.client, Username: 'unconfirmed', Password: PASSWORD };
    await house.sdk.send(
      new SignUpCommand({ ...signUp, UserAttributes: attributeList({ email: 'x@e.org' }) }),
    );

    for (const name of ['by-email', 'by-both', 'no-password']) expect(await offered(name)).toEqual(ALL);
    for (const name of ['unverified', 'reset', 'invited', 'unconfirmed'])
      expect(await offered(name)).toEqual(PASSWORDS);
  });

  it('are both there for nobody, of which each name keeps one', async () => {
    const [all, passwords] = [await nameOfNobody(), await nameOfNobody(8, PASSWORDS)];
    for (let again = 0; again < 3; again += 1) {
      expect(await offered(all)).toEqual(ALL);
      expect(await offered(passwords)).toEqual(PASSWORDS);
    }
    let withCodes = 0;
    for (let name = 0; name < 64; name += 1)
      if (`${await offered(`nobody-${name}`)}` === `${ALL}`) withCodes += 1;
    expect(withCodes).toBeGreaterThan(40);
  });

  it('are one in a pool of passwords alone', async () => {
    const plain = await openChoicePool(house, {}, HIDING);
    for (let name = 0; name < 20; name += 1)
      expect(await offered(`nobody-${name}`, plain)).toEqual(PASSWORDS);
  });
});

describe('each step', () => {
  const SRP = () => ({ SRP_A: srpClient(pool.id).SRP_A });
  const steps: [string, (name: string) => Promise<Met>][] = [
    ['a name alone', (name) => pool.start(name)],
    ['EMAIL_OTP preferred', (name) => pool.prefer(name, 'EMAIL_OTP')],
    ['SMS_OTP preferred', (name) => pool.prefer(name, 'SMS_OTP')],
    ['PASSWORD preferred', (name) => pool.prefer(name, 'PASSWORD')],
    ['PASSWORD_SRP preferred', (name) => pool.prefer(name, 'PASSWORD_SRP', SRP())],
    ['something else preferred', (name) => pool.prefer(name, 'WEB_AUTHN')],
    ['EMAIL_OTP chosen', async (name) => pool.choose(name, await pool.start(name), 'EMAIL_OTP')],
    ['PASSWORD chosen', async (name) => pool.choose(name, await pool.start(name), 'PASSWORD')],
    ['PASSWORD_SRP chosen', async (name) => pool.choose(name, await pool.start(name), 'PASSWORD_SRP', SRP())],
  ];
  beforeAll(() =>
    createPasswordless(house, pool.id, 'somebody', {
      email: 'rather-a-long-address-for-a-short-name@mail.example.com',
      email_verified: 'true',
      phone_number: '+12065550222',
      phone_number_verified: 'true',
    }),
  );

  it.each(steps)('has the same form for a user and for nobody: %s', async (_, step) => {
    const nobody = await nameOfNobody('somebody'.length);
    expect(form(await step(nobody))).toEqual(form(await step('somebody')));
  });

  it('refuses a wrong password, proof or code in the same words', async () => {
    for (const name of ['somebody', await nameOfNobody()]) {
      const asked = await pool.start(name);
      const PASSWORD = 'Wrong-1-word';
      expect(await refusal(pool.prefer(name, 'PASSWORD', { PASSWORD }))).toBe(WRONG);
      expect(await refusal(pool.choose(name, asked, 'PASSWORD', { PASSWORD }))).toBe(WRONG);
      const srp = srpClient(pool.id);
      const agreed = await pool.choose(name, asked, 'PASSWORD_SRP', { SRP_A: srp.SRP_A });
      const proof = srp.prove(agreed.ChallengeParameters, PASSWORD);
      expect(await refusal(pool.answer(name, agreed, proof))).toBe(WRONG);
      const sent = await pool.choose(name, asked, 'EMAIL_OTP');
      for (let guess = 0; guess < 5; guess += 1)
        expect(await refusal(pool.enter(name, sent, 'guess'))).toBe(MISMATCH);
      expect(await refusal(pool.enter(name, sent, 'guess'))).toMatch('User temporarily locked');
      expect(await refusal(pool.choose(name, asked, 'EMAIL_OTP'))).toMatch('session can only be used once');
    }
  });

  it('limits what is sent alike', async () => {
    await createPasswordless(house, pool.id, 'mailed');
    for (const name of ['mailed', await nameOfNobody()]) {
      for (let sent = 0; sent < 15; sent += 1) await pool.prefer(name, 'EMAIL_OTP');
      expect(await refusal(pool.prefer(name, 'EMAIL_OTP'))).toBe(LIMITED);
    }
  });

  it('takes the username that SRP told, for nobody too', async () => {
    const byEmail = await openChoicePool(
      house,
      { ...firstFactors('PASSWORD', 'EMAIL_OTP'), UsernameAttributes: ['email'] },
      HIDING,
    );
    const known = 'known@example.com';
    await createPasswordless(house, byEmail.id, known, { email: known, email_verified: 'true' });
    let unknown = 'nobody0@example.com';
    for (let next = 1; !(await offered(unknown, byEmail))?.includes('EMAIL_OTP'); next += 1)
      unknown = `nobody${next}@example.com`;
    for (const name of [known, unknown]) {
      const asked = await byEmail.start(name);
      const agreed = await byEmail.choose(name, asked, 'PASSWORD_SRP', SRP());
      const username = agreed.ChallengeParameters?.['USER_ID_FOR_SRP'] as string;
      const again = await byEmail.choose(username, asked, 'PASSWORD_SRP', SRP());
      expect(again.ChallengeParameters?.['SALT']).toBe(agreed.ChallengeParameters?.['SALT']);
      const sent = await byEmail.choose(username, asked, 'EMAIL_OTP');
      expect(sent.ChallengeParameters?.['CODE_DELIVERY_DESTINATION']).toBe(`${name[0]}***@e***`);
      expect(await refusal(byEmail.choose('other@example.com', await byEmail.start(name), 'PASSWORD'))).toBe(
        'NotAuthorizedException: Invalid session for the user.',
      );
    }
  });
});

describe('nobody', () => {
  it('has an address that stays the same, and gets no message', async () => {
    const nobody = await nameOfNobody();
    const [first, second] = [await pool.prefer(nobody, 'EMAIL_OTP'), await pool.prefer(nobody, 'EMAIL_OTP')];
    expect(first.ChallengeParameters).toEqual(second.ChallengeParameters);
    const to = (await house.operator('messages')) as { messages: { username: string }[] };
    expect(to.messages.filter(({ username }) => username === nobody)).toEqual([]);
  });
});

describe('a user', () => {
  it('without a password has none that is right', async () => {
    await createPasswordless(house, pool.id, 'passless');
    const met = await pool.start('passless');
    expect(await refusal(pool.choose('passless', met, 'PASSWORD', { PASSWORD }))).toBe(WRONG);
    const srp = srpClient(pool.id);
    const agreed = await pool.choose('passless', met, 'PASSWORD_SRP', { SRP_A: srp.SRP_A });
    const proof = srp.prove(agreed.ChallengeParameters, PASSWORD);
    expect(await refusal(pool.answer('passless', agreed, proof))).toBe(WRONG);
  });

  it('without a phone is sent nothing by SMS, and no code is right', async () => {
    await house.createUser(pool.id, 'phoneless');
    const met = await pool.prefer('phoneless', 'SMS_OTP');
    expect(met.ChallengeParameters?.['CODE_DELIVERY_DESTINATION']).toMatch(/^\+\*{7}\d{4}$/);
    expect(await refusal(pool.enter('phoneless', met, '12345678'))).toBe(MISMATCH);
  });

  it('who is disabled is sent nothing, and is told with the right password alone', async () => {
    await house.createUser(pool.id, 'banned');
    const sent = await pool.prefer('banned', 'EMAIL_OTP');
    const code = await house.code('banned@example.com');
    await house.sdk.send(new AdminDisableUserCommand({ UserPoolId: pool.id, Username: 'banned' }));
    expect(await offered('banned')).toEqual(ALL);
    expect((await pool.prefer('banned', 'EMAIL_OTP')).ChallengeName).toBe('EMAIL_OTP');
    expect(await house.messages('banned@example.com')).toHaveLength(1);
    expect(await refusal(pool.prefer('banned', 'PASSWORD', { PASSWORD: 'Wrong-1-word' }))).toBe(WRONG);
    const told = 'NotAuthorizedException: User is disabled.';
    expect(await refusal(pool.prefer('banned', 'PASSWORD', { PASSWORD }))).toBe(told);
    expect(await refusal(pool.enter('banned', sent, otherCode(code)))).toBe(MISMATCH);
    expect(await refusal(pool.enter('banned', sent, code))).toBe(told);
  });

  it('with a second factor has the shorter list, and goes on from the password', async () => {
    const other = await openChoicePool(house, undefined, HIDING);
    await house.createUser(other.id, 'careful');
    const { AccessToken } = await signIn(house, other.client.ClientId, 'careful');
    await setPoolFactors(house, other.id, 'OPTIONAL', ['SMS_MFA', 'SOFTWARE_TOKEN_MFA']);
    await registerAuthenticator(house, AccessToken);
    await setPreference(house, AccessToken, { SoftwareTokenMfaSettings: ON });
    const met = await other.prefer('careful', 'EMAIL_OTP');
    expect(met).toMatchObject({ ChallengeName: 'SELECT_CHALLENGE', AvailableChallenges: PASSWORDS });
    const by = asStep('PASSWORD', met);
    expect((await other.answer('careful', by, { PASSWORD })).ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
  });
});
