import { AdminCreateUserCommand, GetUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ask,
  askForWord,
  CREATE,
  type CustomPool,
  DEFINE,
  LET_IN,
  type Met,
  openCustomPool,
  REFUSE,
  VERIFY,
} from '../support/custom-auth.ts';
import { type FunctionHouse, openFunctionHouse } from '../support/functions.ts';
import { PASSWORD } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';

// CUSTOM_AUTH: the functions of a pool say what is asked and who is let in. Events are compared whole, key by key, with
// logs of AWS's that people have published.
const WRONG = 'NotAuthorizedException: Incorrect username or password.';

let house: FunctionHouse;
let pool: CustomPool;
let ann: Record<string, string>;
beforeAll(async () => {
  house = await openFunctionHouse();
  pool = await openCustomPool(house);
  await house.createUser(pool.id, 'ann');
  const { functions } = house;
  functions.answer(DEFINE, LET_IN);
  const { AuthenticationResult } = await pool.start('ann');
  const me = await house.sdk.send(new GetUserCommand({ AccessToken: AuthenticationResult?.AccessToken }));
  const { sub = '', ...attributes } = Object.fromEntries(
    me.UserAttributes?.map(({ Name, Value }) => [Name, Value]) ?? [],
  );
  ann = { sub, 'cognito:user_status': 'CONFIRMED', ...attributes };
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => {
  house.functions.reset();
  askForWord(house.functions);
});

const sources = () => house.functions.events().map(({ triggerSource }) => triggerSource.replace(/_.*/, ''));
const isSignedIn = ({ AuthenticationResult }: Met) => AuthenticationResult?.AccessToken !== undefined;
const customRound = (challengeResult: boolean) => ({
  challengeName: 'CUSTOM_CHALLENGE',
  challengeResult,
  challengeMetadata: 'WORD',
});
const SRP_A = { challengeName: 'SRP_A', challengeResult: true, challengeMetadata: null };
const PASSWORD_VERIFIER = { ...SRP_A, challengeName: 'PASSWORD_VERIFIER' };

describe('a challenge of the functions', () => {
  it('is asked with its public parameters and the username, and a right answer signs in', async () => {
    const met = await pool.start('ann');
    expect(met).toMatchObject({
      ChallengeName: 'CUSTOM_CHALLENGE',
      ChallengeParameters: { USERNAME: 'ann', hint: 'Ali Baba' },
    });
    expect(Object.keys(met.ChallengeParameters ?? {})).toHaveLength(2);
    const done = await pool.answer('ann', met, 'sesame');
    expect(isSignedIn(done)).toBe(true);
    expect(done.ChallengeName).toBeUndefined();
    expect(sources()).toEqual(
      ['Define', 'Create', 'Verify', 'Define'].map((name) => expect.stringContaining(name)),
    );
  });

  it('is asked again after a wrong answer, and at last refused, as the function says', async () => {
    let met = await pool.start('ann');
    for (let wrong = 1; wrong <= 2; wrong += 1) {
      met = await pool.answer('ann', met, 'barley');
      expect(met.ChallengeName).toBe('CUSTOM_CHALLENGE');
    }
    expect(await refusal(pool.answer('ann', met, 'barley'))).toBe(WRONG);
    expect(house.functions.last(DEFINE).request.session).toEqual([false, false, false].map(customRound));
  });

  it('goes the same way through the operations of administrators', async () => {
    const met = await pool.startAsAdmin('ann');
    expect(isSignedIn(await pool.answerAsAdmin('ann', met, 'sesame'))).toBe(true);
  });

  it('is answered by the username that was told or by another name, with the secret hash of it', async () => {
    const secret = await openCustomPool(house, { AliasAttributes: ['email'] }, { GenerateSecret: true });
    await house.createUser(secret.id, 'ben');
    const met = await secret.start('ben@example.com');
    expect(met.ChallengeParameters?.['USERNAME']).toBe('ben');
    const wrong = { ANSWER: 'sesame', SECRET_HASH: 'wrong' };
    expect(await refusal(secret.custom('ben', met, wrong))).toMatch('Unable to verify secret hash');
    expect(isSignedIn(await secret.answer('ben', met, 'sesame'))).toBe(true);
    const again = await secret.start('ben');
    expect(isSignedIn(await secret.answer('ben@example.com', again, 'sesame'))).toBe(true);
  });

  it('needs an answer, of any length that the API takes', async () => {
    const met = await pool.start('ann');
    expect(await refusal(pool.answer('ann', met, ''))).toBe(
      'InvalidParameterException: Missing required parameter ANSWER',
    );
    house.functions.answer(VERIFY, ({ request }) => ({
      answerCorrect: request.challengeAnswer.length === 100_000,
    }));
    expect(isSignedIn(await pool.answer('ann', met, 'x'.repeat(100_000)))).toBe(true);
  });
});

describe('events', () => {
  const common = (triggerSource: string) => ({
    version: '1',
    region: 'us-east-1',
    userPoolId: pool.id,
    userName: 'ann',
    callerContext: { awsSdkVersion: expect.stringMatching(/^aws-sdk-/), clientId: pool.client.ClientId },
    triggerSource,
  });
  /** In the order of the keys, too. */
  const expectEvent = (source: string, request: object, response: object) => {
    const event = house.functions.last(source);
    expect(event).toEqual({ ...common(source), request, response });
    expect(Object.keys(event)).toEqual([...Object.keys(common(source)), 'request', 'response']);
    expect(Object.keys(event.request)).toEqual(Object.keys(request));
    expect(Object.keys(event.response)).toEqual(Object.keys(response));
  };
  const NOTHING_DEFINED = { challengeName: null, issueTokens: null, failAuthentication: null };

  it('of a first challenge have no session and, where users are not hidden, no userNotFound', async () => {
    await pool.start('ann', {}, { not: 'for these' });
    expectEvent(DEFINE, { userAttributes: ann, session: [] }, NOTHING_DEFINED);
    expectEvent(
      CREATE,
      { userAttributes: ann, challengeName: 'CUSTOM_CHALLENGE', session: [] },
      { publicChallengeParameters: null, privateChallengeParameters: null, challengeMetadata: null },
    );
  });

  it('of an answer have what Create kept back, the answer and the ClientMetadata of the answer', async () => {
    const clientMetadata = { device: 'lamp' };
    const met = await pool.answer('ann', await pool.start('ann'), 'barley', clientMetadata);
    expectEvent(
      VERIFY,
      {
        userAttributes: ann,
        privateChallengeParameters: { word: 'sesame' },
        challengeAnswer: 'barley',
        clientMetadata,
      },
      { answerCorrect: null },
    );
    expectEvent(
      DEFINE,
      { userAttributes: ann, session: [customRound(false)], clientMetadata },
      NOTHING_DEFINED,
    );
    expect(house.functions.last(CREATE).request).toMatchObject({
      session: [customRound(false)],
      clientMetadata,
    });
    await pool.answer('ann', met, 'sesame');
    expect(house.functions.last(DEFINE).request.session).toEqual([customRound(false), customRound(true)]);
    expect(house.functions.last(DEFINE).request).not.toHaveProperty('clientMetadata');
  });

  it('have userNotFound, and tell of nobody, where the client hides users', async () => {
    const hiding = await openCustomPool(house, {}, { PreventUserExistenceErrors: 'ENABLED' });
    await house.createUser(hiding.id, 'eve');
    for (const [name, userNotFound] of [
      ['eve', false],
      ['nobody', true],
    ] as const) {
      await hiding.answer(name, await hiding.start(name), 'barley');
      for (const source of [DEFINE, CREATE, VERIFY]) {
        const { userName, request } = house.functions.last(source);
        expect(userName).toBe(name);
        expect(request.userNotFound).toBe(userNotFound);
        if (userNotFound) expect(request.userAttributes).toEqual({});
      }
    }
    expect(Object.keys(house.functions.last(DEFINE).request)).toEqual([
      'userAttributes',
      'session',
      'userNotFound',
    ]);
    expect(Object.keys(house.functions.last(VERIFY).request)).toEqual([
      'userAttributes',
      'privateChallengeParameters',
      'challengeAnswer',
      'userNotFound',
    ]);
  });
});

describe('with the password first', () => {
  it('CHALLENGE_NAME=SRP_A is a round, after which Define asks for the password', async () => {
    const { begun, show } = await pool.startBySrp('ann', PASSWORD);
    expect(house.functions.events().map(({ request }) => request.session)).toEqual([[SRP_A]]);
    expect(begun).toMatchObject({
      ChallengeName: 'PASSWORD_VERIFIER',
      Session: expect.any(String),
      ChallengeParameters: { USERNAME: 'ann', USER_ID_FOR_SRP: 'ann', SALT: expect.any(String) },
    });
    const met = await show();
    expect(met.ChallengeName).toBe('CUSTOM_CHALLENGE');
    expect(house.functions.last(DEFINE).request.session).toEqual([SRP_A, PASSWORD_VERIFIER]);
    expect(isSignedIn(await pool.answer('ann', met, 'sesame'))).toBe(true);
    const [first, second, third] = house.functions.last(DEFINE).request.session;
    expect([first, second, third]).toEqual([SRP_A, PASSWORD_VERIFIER, customRound(true)]);
  });

  it('a wrong one is refused at once, unseen by the functions, and counted like any', async () => {
    await house.createUser(pool.id, 'guessed');
    const { show } = await pool.startBySrp('guessed', 'Wrong-1-word');
    expect(await refusal(show())).toBe(WRONG);
    expect(house.functions.events(DEFINE)).toHaveLength(1);
    for (let guess = 0; guess < 4; guess += 1)
      await refusal(signIn(house, pool.client.ClientId, 'guessed', 'Wrong-1-word'));
    const again = await pool.startBySrp('guessed', PASSWORD);
    expect(await refusal(again.show())).toBe('NotAuthorizedException: Password attempts exceeded');
    expect(house.functions.events(DEFINE)).toHaveLength(2);
  });

  it('Define may ask something else in place of it, or let in after it', async () => {
    house.functions.answer(DEFINE, ({ request: { session } }) =>
      session.length > 1 ? LET_IN : ask('CUSTOM_CHALLENGE'),
    );
    const { begun } = await pool.startBySrp('ann', PASSWORD);
    expect(begun.ChallengeName).toBe('CUSTOM_CHALLENGE');
    expect(house.functions.last(CREATE).request.session).toEqual([SRP_A]);
    expect(isSignedIn(await pool.answer('ann', begun, 'sesame'))).toBe(true);
    house.functions.answer(DEFINE, ({ request: { session } }) =>
      session.length > 1 ? LET_IN : ask('PASSWORD_VERIFIER'),
    );
    expect(isSignedIn(await (await pool.startBySrp('ann', PASSWORD)).show())).toBe(true);
  });

  it('the ClientMetadata of the proof reaches Define and Create', async () => {
    const { show } = await pool.startBySrp('ann', PASSWORD, { via: 'proof' });
    await show();
    expect(house.functions.last(CREATE).request.clientMetadata).toEqual({ via: 'proof' });
  });

  it('users of a client with CUSTOM_AUTH alone have what SRP needs', async () => {
    const only = await openCustomPool(house, {}, { ExplicitAuthFlows: ['ALLOW_CUSTOM_AUTH'] });
    await house.createUser(only.id, 'ann');
    expect((await (await only.startBySrp('ann', PASSWORD)).show()).ChallengeName).toBe('CUSTOM_CHALLENGE');
  });

  it('SRP_A cannot be missing', async () => {
    expect(await refusal(pool.start('ann', { CHALLENGE_NAME: 'SRP_A' }))).toBe(
      'InvalidParameterException: Missing required parameter SRP_A',
    );
  });
});

describe('Define', () => {
  it('lets in at once, where it says so', async () => {
    house.functions.answer(DEFINE, LET_IN);
    expect(isSignedIn(await pool.start('ann'))).toBe(true);
  });

  it('refuses at once, also when it says that it lets in, too', async () => {
    for (const response of [REFUSE, { ...LET_IN, failAuthentication: true }]) {
      house.functions.answer(DEFINE, response);
      expect(await refusal(pool.start('ann'))).toBe(WRONG);
    }
  });

  it.each([
    ['nothing', {}],
    ['a challenge of Cognito’s own', ask('SMS_MFA')],
    ['one that nobody knows', ask('RIDDLE')],
    ['the password, which did not begin', ask('PASSWORD_VERIFIER')],
    ['a number for a truth', { issueTokens: 1 }],
  ])('that says %s is not recognised', async (_, response) => {
    house.functions.answer(DEFINE, response);
    expect(await refusal(pool.start('ann'))).toBe(
      'InvalidLambdaResponseException: Unrecognizable lambda output',
    );
  });

  it('is what a pool needs for CUSTOM_AUTH, and the two others for a challenge', async () => {
    const unconfigured =
      'InvalidParameterException: Custom auth lambda trigger is not configured for the user pool.';
    for (const missing of [
      'DefineAuthChallenge',
      'CreateAuthChallenge',
      'VerifyAuthChallengeResponse',
    ] as const) {
      const { [missing]: _, ...LambdaConfig } = house.functions.config(
        'DefineAuthChallenge',
        'CreateAuthChallenge',
        'VerifyAuthChallengeResponse',
      );
      const lacking = await openCustomPool(
        house,
        { LambdaConfig },
        { PreventUserExistenceErrors: 'ENABLED' },
      );
      expect(await refusal(lacking.start('nobody'))).toBe(unconfigured);
    }
  });
});

describe('who may not sign in', () => {
  it('and does not exist is told so where the client is LEGACY', async () => {
    expect(await refusal(pool.start('nobody'))).toBe('UserNotFoundException: User does not exist.');
    expect(house.functions.events()).toEqual([]);
  });

  it('with a temporary password is let in all the same, unless the password was asked for', async () => {
    const invited = { UserPoolId: pool.id, Username: 'ivy', TemporaryPassword: PASSWORD };
    await house.sdk.send(new AdminCreateUserCommand({ ...invited, MessageAction: 'SUPPRESS' }));
    const met = await pool.start('ivy');
    expect(house.functions.last(DEFINE).request.userAttributes['cognito:user_status']).toBe(
      'FORCE_CHANGE_PASSWORD',
    );
    expect(isSignedIn(await pool.answer('ivy', met, 'sesame'))).toBe(true);
    expect(await (await pool.startBySrp('ivy', PASSWORD)).show()).toMatchObject({
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
    });
  });
});
