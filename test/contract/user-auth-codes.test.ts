import {
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { createMfaPool, PREFERRED, setPreference } from '../support/mfa.ts';
import { mostCompared, otherCode } from '../support/mfa-sign-in.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { claimsOf, signIn } from '../support/sign-in.ts';
import {
  asStep,
  choiceCalls,
  createChoiceClient,
  createPasswordless,
  firstFactors,
  type Met,
  openChoicePool,
} from '../support/user-auth.ts';

const MISMATCH = 'CodeMismatchException: Invalid code or auth state for the user.';
const INVALID_SESSION = 'NotAuthorizedException: Invalid session for the user.';
const USED = 'NotAuthorizedException: Invalid session for the user, session can only be used once.';
const EXPIRED = 'NotAuthorizedException: Invalid session for the user, session is expired.';
const LOCKED =
  'NotAuthorizedException: Too many invalid credentials attempts. User temporarily locked. Please try again after few seconds.';

let house: House;
let pool: Awaited<ReturnType<typeof openChoicePool>>;
/** A new user without a password, and what sends them a code. */
let name: string;
let email: string;
const send = () => pool.prefer(name, 'EMAIL_OTP');

beforeAll(async () => {
  house = await openHouse();
  pool = await openChoicePool(house);
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(async () => {
  name = newName('coded');
  email = `${name}@example.com`;
  await createPasswordless(house, pool.id, name);
});

const tokensOf = async (met: Promise<Met>) => (await met).AuthenticationResult;

describe('a code as the first factor', () => {
  it('is of eight digits [Q], goes by email, and signs in', async () => {
    const met = await send();
    const [message] = await house.messages(email);
    expect(message).toMatchObject({
      channel: 'EMAIL',
      subject: 'Your authentication code',
      triggerSource: 'CustomMessage_Authentication',
      username: name,
    });
    expect(message?.code).toMatch(/^\d{8}$/);
    expect(message?.body).toBe(`Your authentication code is ${message?.code}. `);
    const tokens = await tokensOf(pool.enter(name, met, message?.code as string));
    expect(tokens).toMatchObject({ ExpiresIn: 3600, TokenType: 'Bearer' });
    expect(claimsOf(tokens?.AccessToken ?? '')['username']).toBe(name);
  });

  it('goes by SMS, in the words of the pool', async () => {
    const worded = await openChoicePool(house, {
      ...firstFactors('PASSWORD', 'SMS_OTP'),
      SmsAuthenticationMessage: 'Your key: {####}',
    });
    const phone_number = '+12065550777';
    await createPasswordless(house, worded.id, name, { phone_number, phone_number_verified: 'true' });
    const met = await worded.prefer(name, 'SMS_OTP');
    expect(met).toMatchObject({
      ChallengeName: 'SMS_OTP',
      ChallengeParameters: {
        CODE_DELIVERY_DELIVERY_MEDIUM: 'SMS',
        CODE_DELIVERY_DESTINATION: '+*******0777',
      },
      AvailableChallenges: ['SMS_OTP'],
    });
    const [message] = await house.messages(phone_number);
    expect(message).toMatchObject({ channel: 'SMS', body: `Your key: ${message?.code}` });
    expect(message?.code).toMatch(/^\d{8}$/);
    expect(await tokensOf(worded.enter(name, met, message?.code as string))).toBeDefined();
  });

  it('is sent when it is chosen, which ends the session that it was chosen in', async () => {
    const asked = await pool.start(name);
    const met = await pool.choose(name, asked, 'EMAIL_OTP');
    expect(met.ChallengeName).toBe('EMAIL_OTP');
    expect(await refusal(pool.choose(name, asked, 'EMAIL_OTP'))).toBe(USED);
    expect(await house.messages(email)).toHaveLength(1);
    expect(await tokensOf(pool.enter(name, met, await house.code(email)))).toBeDefined();
  });

  it('of somebody who typed an address goes on under that address, or under the username', async () => {
    const aliases = await openChoicePool(house, {
      ...firstFactors('PASSWORD', 'EMAIL_OTP'),
      UsernameAttributes: ['email'],
    });
    await createPasswordless(house, aliases.id, email, { email, email_verified: 'true' });
    const first = await tokensOf(
      aliases.enter(email, await aliases.prefer(email, 'EMAIL_OTP'), await house.code(email)),
    );
    const { username } = claimsOf(first?.AccessToken ?? '') as { username: string };
    const met = await aliases.choose(username, await aliases.start(email), 'EMAIL_OTP');
    expect(await tokensOf(aliases.enter(username, met, await house.code(email)))).toBeDefined();
  });

  it('that is wrong leaves the session to the right one [Q]', async () => {
    const met = await send();
    const code = await house.code(email);
    for (const wrong of [otherCode(code), code.slice(1), `${code}0`, 'x'])
      expect(await refusal(pool.enter(name, met, wrong))).toBe(MISMATCH);
    expect(await tokensOf(pool.enter(name, met, code))).toBeDefined();
  });

  it('is good once [Q]', async () => {
    const met = await send();
    const code = await house.code(email);
    await pool.enter(name, met, code);
    expect(await refusal(pool.enter(name, met, code))).toBe(USED);
  });

  it('ends with the session of the client [C]', async () => {
    const met = await send();
    const code = await house.code(email);
    await house.advance('PT3M1S');
    expect(await refusal(pool.enter(name, met, code))).toBe(EXPIRED);
    expect(await refusal(pool.enter(name, met, otherCode(code)))).toBe(EXPIRED);
  });

  it('is of the session that it was sent for', async () => {
    const first = await send();
    const codeOfFirst = await house.code(email);
    const second = await send();
    expect(await refusal(pool.enter(name, second, codeOfFirst))).toBe(MISMATCH);
    expect(await tokensOf(pool.enter(name, first, codeOfFirst))).toBeDefined();
  });

  it('is named in the answer', async () => {
    const met = await send();
    expect(await refusal(pool.answer(name, met, {}))).toBe(
      'InvalidParameterException: Missing required parameter EMAIL_OTP_CODE',
    );
    expect(
      await refusal(pool.answer(name, asStep('EMAIL_OTP', { Session: undefined }), { EMAIL_OTP_CODE: '1' })),
    ).toBe('InvalidParameterException: Missing required parameter Session');
  });

  it('signs nobody in whose password was set since it was sent', async () => {
    const met = await send();
    const code = await house.code(email);
    const set = { UserPoolId: pool.id, Username: name, Password: PASSWORD, Permanent: true };
    await house.sdk.send(new AdminSetUserPasswordCommand(set));
    expect(await refusal(pool.enter(name, met, code))).toBe(MISMATCH);
  });
});

describe('a session', () => {
  it('is of the client that began, in its pool', async () => {
    const asked = await pool.start(name);
    const met = await send();
    const code = await house.code(email);
    const sibling = choiceCalls(house, await createChoiceClient(house, pool.id));
    const stranger = await openChoicePool(house);
    await createPasswordless(house, stranger.id, name);
    for (const other of [sibling, stranger]) {
      expect(await refusal(other.enter(name, met, code))).toBe(INVALID_SESSION);
      expect(await refusal(other.choose(name, asked, 'EMAIL_OTP'))).toBe(INVALID_SESSION);
    }
  });

  it('is of its step', async () => {
    const asked = await pool.start(name);
    const met = await send();
    const code = await house.code(email);
    expect(await refusal(pool.enter(name, asStep('EMAIL_OTP', asked), code))).toBe(INVALID_SESSION);
    expect(await refusal(pool.enter(name, asStep('SMS_OTP', met), code))).toBe(INVALID_SESSION);
    for (const step of ['SMS_MFA', 'SOFTWARE_TOKEN_MFA'] as const)
      expect(await refusal(pool.enter(name, asStep(step, met), code))).toBe(INVALID_SESSION);
    const chosen = { ...met, ...asStep('SELECT_CHALLENGE', met) };
    expect(await refusal(pool.choose(name, chosen, 'EMAIL_OTP'))).toBe(INVALID_SESSION);
  });

  it('to choose in is of the user who began, whoever answers it with what', async () => {
    const victim = name;
    const asked = await pool.start(victim);
    const mallory = newName('mallory');
    await house.createUser(pool.id, mallory);
    for (const [ANSWER, more] of [
      ['EMAIL_OTP', {}],
      ['PASSWORD', { PASSWORD }],
    ] as const)
      expect(await refusal(pool.choose(mallory, asked, ANSWER, more))).toBe(INVALID_SESSION);
    const own = await pool.start(mallory);
    expect(await refusal(pool.choose(victim, own, 'PASSWORD', { PASSWORD }))).toBe(INVALID_SESSION);
  });
});

describe('codes of the first factor and of the second', () => {
  let both: Awaited<ReturnType<typeof openBoth>>;
  beforeAll(async () => {
    both = await openBoth();
  });

  /** A pool in which EMAIL_OTP is a first factor, and may be a second one. */
  async function openBoth() {
    const id = await createMfaPool(house, 'OPTIONAL', ['EMAIL_OTP'], firstFactors('PASSWORD', 'EMAIL_OTP'));
    const client = await createChoiceClient(house, id);
    return { id, ...choiceCalls(house, client) };
  }

  it('do not pass for one another, though both are called EMAIL_OTP', async () => {
    await house.createUser(both.id, name);
    const first = await both.prefer(name, 'EMAIL_OTP');
    const firstCode = await house.code(email);
    const { AccessToken } = await signIn(house, both.client.ClientId, name);
    await setPreference(house, AccessToken, { EmailMfaSettings: PREFERRED });
    const second = await both.prefer(name, 'PASSWORD', { PASSWORD });
    expect(second.ChallengeName).toBe('EMAIL_OTP');
    const secondCode = await house.code(email);
    expect(secondCode).toMatch(/^\d{6}$/);

    expect(await refusal(both.enter(name, second, firstCode))).toBe(MISMATCH);
    expect(await refusal(both.enter(name, first, secondCode))).toBe(MISMATCH);
    // The code in place of the password is followed by the factor that was switched on since.
    const next = await both.enter(name, first, firstCode);
    expect(next.ChallengeName).toBe('EMAIL_OTP');
    expect(next.AuthenticationResult).toBeUndefined();
    expect(await refusal(both.enter(name, next, firstCode))).toBe(MISMATCH);
    expect(await tokensOf(both.enter(name, second, secondCode))).toBeDefined();
  });

  it('are counted apart: guesses at the first lock nobody out of the second', async () => {
    await house.createUser(both.id, name);
    const { AccessToken } = await signIn(house, both.client.ClientId, name);
    const first = await both.prefer(name, 'EMAIL_OTP');
    for (let guess = 0; guess < 5; guess += 1) await refusal(both.enter(name, first, 'guess'));
    expect(await refusal(both.enter(name, first, 'guess'))).toBe(LOCKED);
    await setPreference(house, AccessToken, { EmailMfaSettings: PREFERRED });
    const second = await both.prefer(name, 'PASSWORD', { PASSWORD });
    expect(await tokensOf(both.enter(name, second, await house.code(email)))).toBeDefined();
  });
});

describe('guesses', () => {
  it('are locked out from the fifth wrong one on, over all sessions, and for longer each time', async () => {
    const met = await send();
    const code = await house.code(email);
    for (let guess = 0; guess < 5; guess += 1)
      expect(await refusal(pool.enter(name, await send(), otherCode(code)))).toBe(MISMATCH);
    expect(await refusal(pool.enter(name, met, code))).toBe(LOCKED);
    await house.advance('PT1S');
    expect(await refusal(pool.enter(name, met, otherCode(code)))).toBe(MISMATCH);
    await house.advance('PT1S');
    expect(await refusal(pool.enter(name, met, code))).toBe(LOCKED);
    await house.advance('PT1S');
    expect(await tokensOf(pool.enter(name, met, code))).toBeDefined();
  });

  it('200 at the same time are compared no more often than the lock allows', async () => {
    const met = await send();
    const wrong = otherCode(await house.code(email));
    const started = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => refusal(pool.enter(name, met, wrong))),
    );
    const compared = answers.filter((answer) => answer === MISMATCH).length;
    expect(compared).toBeLessThanOrEqual(mostCompared(performance.now() - started));
    expect(new Set(answers)).toEqual(new Set([MISMATCH, LOCKED]));
  });

  it('50 right ones at the same time have one winner', async () => {
    const met = await send();
    const code = await house.code(email);
    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => pool.enter(name, met, code)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('of one choice, 20 answers at the same time send one code', async () => {
    const asked = await pool.start(name);
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, () => pool.choose(name, asked, 'EMAIL_OTP')),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await house.messages(email)).toHaveLength(1);
  });
});

describe('codes that are sent', () => {
  const LIMITED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';

  it('and not answered are 15 an hour', async () => {
    for (let sent = 0; sent < 15; sent += 1) await send();
    expect(await refusal(send())).toBe(LIMITED);
    expect(await house.messages(email)).toHaveLength(15);
    await house.advance('PT1H1S');
    await send();
  });

  it('and answered do not count', async () => {
    for (let sent = 0; sent < 16; sent += 1) {
      const met = await send();
      await pool.enter(name, met, await house.code(email));
    }
  });

  it('go to the address of that moment, which must be verified', async () => {
    const UserAttributes = attributeList({ email: `new-${email}` });
    const change = new AdminUpdateUserAttributesCommand({
      UserPoolId: pool.id,
      Username: name,
      UserAttributes,
    });
    const set = { UserPoolId: pool.id, Username: name, Password: NEW_PASSWORD, Permanent: true };
    await house.sdk.send(new AdminSetUserPasswordCommand(set));
    const asked = await pool.start(name);
    await house.sdk.send(change);
    expect(await refusal(pool.choose(name, asked, 'EMAIL_OTP'))).toMatch('ANSWER names no challenge');
    expect((await send()).ChallengeName).toBe('SELECT_CHALLENGE');
    expect(await house.messages(email, 0)).toEqual([]);
  });
});
