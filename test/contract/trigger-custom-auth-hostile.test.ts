import { randomBytes } from 'node:crypto';
import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminResetUserPasswordCommand,
  AdminSetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ask,
  askForWord,
  CREATE,
  type CustomPool,
  customCalls,
  DEFINE,
  LET_IN,
  type Met,
  openCustomPool,
  VERIFY,
} from '../support/custom-auth.ts';
import { type FunctionHouse, openFunctionHouse } from '../support/functions.ts';
import { NEW_PASSWORD, PASSWORD } from '../support/house.ts';
import { ON, registerAuthenticator, setPoolFactors, setPreference } from '../support/mfa.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';

// What an attacker, or a function that lies, can bring about in a sign-in by CUSTOM_AUTH.
const WRONG = 'NotAuthorizedException: Incorrect username or password.';
const INVALID = 'NotAuthorizedException: Invalid session for the user.';
const USED = 'NotAuthorizedException: Invalid session for the user, session can only be used once.';
const UNRECOGNISED = 'InvalidLambdaResponseException: Unrecognizable lambda output';

let house: FunctionHouse;
let pool: CustomPool;
let hiding: Awaited<ReturnType<typeof customCalls>>;
beforeAll(async () => {
  house = await openFunctionHouse();
  pool = await openCustomPool(house);
  hiding = await customCalls(house, pool.id, { PreventUserExistenceErrors: 'ENABLED' });
  await house.createUser(pool.id, 'ann');
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => {
  house.functions.reset();
  askForWord(house.functions);
});

const isSignedIn = ({ AuthenticationResult }: Met) => AuthenticationResult?.AccessToken !== undefined;
const whose = (Username: string) => ({ UserPoolId: pool.id, Username });
const verified = () => house.functions.events(VERIFY).length;

describe('a Session', () => {
  it('takes one answer, of however many that come at once', async () => {
    const met = await pool.start('ann');
    const guesses = Array.from({ length: 20 }, (_, index) => (index === 10 ? 'sesame' : `guess ${index}`));
    const outcomes = await Promise.all(
      guesses.map((guess) =>
        pool.answer('ann', met, guess).then(
          () => 'taken',
          ({ message }) => message,
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(1);
    expect(outcomes.filter((outcome) => USED.endsWith(outcome))).toHaveLength(19);
    expect(verified()).toBe(1);
  });

  it('is not good again after a wrong answer, nor after one that Verify failed at', async () => {
    const first = await pool.start('ann');
    const second = await pool.answer('ann', first, 'barley');
    expect(await refusal(pool.answer('ann', first, 'sesame'))).toBe(USED);
    house.functions.fail(VERIFY, 'Oops');
    expect(await refusal(pool.answer('ann', second, 'sesame'))).toBe(
      'UserLambdaValidationException: VerifyAuthChallengeResponse failed with error Oops.',
    );
    askForWord(house.functions);
    expect(await refusal(pool.answer('ann', second, 'sesame'))).toBe(USED);
    expect(verified()).toBe(2);
  });

  it('is for its own app client, step and time', async () => {
    const met = await pool.start('ann');
    expect(await refusal(hiding.answer('ann', met, 'sesame'))).toBe(INVALID);
    const asNewPassword = new RespondToAuthChallengeCommand({
      ClientId: pool.client.ClientId,
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session: met.Session,
      ChallengeResponses: { USERNAME: 'ann', NEW_PASSWORD },
    });
    expect(await refusal(house.sdk.send(asNewPassword))).toBe(INVALID);
    const { begun } = await pool.startBySrp('ann', PASSWORD);
    expect(await refusal(pool.answer('ann', begun, 'sesame'))).toBe(INVALID);
    for (const Session of [undefined, 'x'.repeat(20), met.Session?.replace(/.{4}$/, 'AAAA')])
      expect(await refusal(pool.answer('ann', { Session }, 'sesame'))).toMatch(/Session|session/);
    await house.advance('PT4M');
    expect(await refusal(pool.answer('ann', met, 'sesame'))).toMatch('session is expired');
    expect(verified()).toBe(0);
  });

  it('shows nothing of what it keeps, not even how long that is', async () => {
    const lengths = [];
    for (const word of ['', 'a word', randomBytes(400).toString('hex')]) {
      house.functions.answer(CREATE, { privateChallengeParameters: { word }, challengeMetadata: word });
      const { $metadata, ...met } = await pool.start('ann');
      lengths.push(met.Session?.length);
      if (word) expect(JSON.stringify(met)).not.toContain(word);
      const again = await pool.answer('ann', met, word || 'x');
      expect(house.functions.last(VERIFY).request.privateChallengeParameters).toEqual({ word });
      expect(isSignedIn(again)).toBe(word !== '');
    }
    expect(lengths).toEqual([2048, 2048, 2048]);
  });

  it('has room for so much: beyond it the function is told off, and operators are told why', async () => {
    const word = randomBytes(2000).toString('base64');
    house.functions.answer(CREATE, { privateChallengeParameters: { word } });
    expect(await refusal(pool.start('ann'))).toBe(UNRECOGNISED);
    house.functions.answer(CREATE, { challengeMetadata: word });
    expect(await refusal(pool.start('ann'))).toBe(UNRECOGNISED);
    const log = JSON.stringify(await house.operator(`triggers?triggerSource=${CREATE}&limit=1`));
    expect(log).toMatch(/"outcome":"bad-answer","reason":"[^"]*do not fit into a Session/);
    expect(log).not.toContain(word.slice(0, 20));
  });

  it('leads to fifty challenges at most, whatever Define says', async () => {
    house.functions.answer(DEFINE, ask('CUSTOM_CHALLENGE'));
    let met = await pool.start('ann');
    for (let round = 1; round < 50; round += 1) met = await pool.answer('ann', met, `guess ${round}`);
    expect(await refusal(pool.answer('ann', met, 'sesame'))).toBe(WRONG);
    expect(house.functions.last(DEFINE).request.session).toHaveLength(50);
    expect(house.functions.events(CREATE)).toHaveLength(50);
  });
});

describe('a sign-in that was begun ends', () => {
  const endings: [string, (name: string) => Promise<unknown>][] = [
    [
      'with another password',
      (name) =>
        house.sdk.send(
          new AdminSetUserPasswordCommand({ ...whose(name), Password: NEW_PASSWORD, Permanent: true }),
        ),
    ],
    ['with a sign-out everywhere', (name) => house.sdk.send(new AdminUserGlobalSignOutCommand(whose(name)))],
    [
      'with the user disabled, enabled again or not',
      async (name) => {
        await house.sdk.send(new AdminDisableUserCommand(whose(name)));
        if (name.startsWith('hidden')) await house.sdk.send(new AdminEnableUserCommand(whose(name)));
      },
    ],
    [
      'with the user deleted, and another one of that name',
      async (name) => {
        await house.sdk.send(new AdminDeleteUserCommand(whose(name)));
        await house.createUser(pool.id, name);
      },
    ],
  ];
  it.each(endings)('%s, between two steps', async (how, end) => {
    const name = how.replace(/\W/g, '');
    for (const [user, calls] of [
      [name, pool],
      [`hidden${name}`, hiding],
    ] as const) {
      await house.createUser(pool.id, user);
      const met = await calls.start(user);
      await end(user);
      const before = verified();
      expect(await refusal(calls.answer(user, met, 'sesame'))).toBe(INVALID);
      expect(verified()).toBe(before);
    }
  });

  it('where users are not hidden, with a reset by an administrator', async () => {
    await house.createUser(pool.id, 'resetting');
    const met = await pool.start('resetting');
    await house.sdk.send(new AdminResetUserPasswordCommand(whose('resetting')));
    expect(await refusal(pool.answer('resetting', met, 'sesame'))).toMatch('Password reset required');
    expect(verified()).toBe(0);
  });

  it('while a function runs, too', async () => {
    await house.createUser(pool.id, 'leaving');
    const met = await pool.start('leaving');
    house.functions.does(VERIFY, { response: { answerCorrect: true }, waits: 300 });
    const answering = refusal(pool.answer('leaving', met, 'sesame'));
    while (verified() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await house.sdk.send(new AdminUserGlobalSignOutCommand(whose('leaving')));
    expect(await answering).toBe(INVALID);
  });

  it('while the password is typed, where it comes first', async () => {
    await house.createUser(pool.id, 'typing');
    const { show } = await pool.startBySrp('typing', PASSWORD);
    await house.sdk.send(new AdminUserGlobalSignOutCommand(whose('typing')));
    expect(await refusal(show())).toBe(INVALID);
  });
});

describe('nobody', () => {
  const form = ({ $metadata, Session, ChallengeParameters, ...met }: Met) => ({
    ...met,
    Session: Session?.length,
    ChallengeParameters: Object.keys(ChallengeParameters ?? {}),
  });

  it('goes the same way as a user, and is never let in', async () => {
    for (const name of ['ann', 'zoe']) {
      const met = await hiding.start(name);
      expect(met.ChallengeParameters).toEqual({ USERNAME: name, hint: 'Ali Baba' });
      expect(form(await hiding.answer(name, met, 'barley'))).toEqual(form(met));
    }
    const met = await hiding.start('zoe');
    expect(await refusal(hiding.answer('zoe', met, 'sesame'))).toBe(WRONG);
    expect(house.functions.last(VERIFY).request).toMatchObject({
      userNotFound: true,
      challengeAnswer: 'sesame',
    });
    house.functions.answer(DEFINE, LET_IN);
    expect(await refusal(hiding.start('zoe'))).toBe(WRONG);
    expect(isSignedIn(await hiding.start('ann'))).toBe(true);
  });

  it('is asked for a password that is never right, and is no other by it', async () => {
    for (const name of ['ann', 'zoe']) {
      const { begun, show } = await hiding.startBySrp(name, 'Wrong-1-word');
      expect(form(begun).ChallengeParameters).toEqual([
        'SALT',
        'SECRET_BLOCK',
        'SRP_B',
        'USERNAME',
        'USER_ID_FOR_SRP',
      ]);
      expect(await refusal(show())).toBe(WRONG);
    }
  });

  it('has the same made-up username at every try, where usernames are made up', async () => {
    const byEmail = await openCustomPool(
      house,
      { UsernameAttributes: ['email'] },
      { PreventUserExistenceErrors: 'ENABLED' },
    );
    const name = 'nobody@example.com';
    const first = (await byEmail.start(name)).ChallengeParameters?.['USERNAME'] as string;
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    const met = await byEmail.start(first);
    expect(met.ChallengeParameters?.['USERNAME']).toBe(first);
    expect(await refusal(byEmail.answer(first, met, 'sesame'))).toBe(WRONG);
  });

  it('has a name of 128 characters at most, which take no more room than those of a user', async () => {
    const longest = Array.from({ length: 128 }, (_, index) => String.fromCodePoint(0x4e00 + index * 37)).join(
      '',
    );
    expect((await hiding.start(longest)).Session).toHaveLength(2048);
    expect(await refusal(hiding.start(`${longest}x`))).toBe(WRONG);
  });

  it('stays nobody when somebody signs up by that name meanwhile', async () => {
    const met = await hiding.start('newcomer');
    await house.createUser(pool.id, 'newcomer');
    expect(await refusal(hiding.answer('newcomer', met, 'sesame'))).toBe(WRONG);
  });
});

describe('who may not sign in', () => {
  beforeAll(async () => {
    for (const name of ['banned', 'reset']) await house.createUser(pool.id, name);
    await house.sdk.send(new AdminDisableUserCommand(whose('banned')));
    await house.sdk.send(new AdminResetUserPasswordCommand(whose('reset')));
    await house.sdk.send(
      new SignUpCommand({ ClientId: pool.client.ClientId, Username: 'unconfirmed', Password: PASSWORD }),
    );
  });
  it.each([
    ['banned', 'NotAuthorizedException: User is disabled.'],
    ['reset', 'PasswordResetRequiredException: Password reset required for the user'],
    ['unconfirmed', 'UserNotConfirmedException: User is not confirmed.'],
  ])(
    '%s: is told at once, or where users are hidden after the functions are satisfied',
    async (name, told) => {
      expect(await refusal(pool.start(name))).toBe(told);
      expect(house.functions.events()).toEqual([]);
      const met = await hiding.start(name);
      const second = await hiding.answer(name, met, 'barley');
      expect(second.ChallengeName).toBe('CUSTOM_CHALLENGE');
      expect(await refusal(hiding.answer(name, second, 'sesame'))).toBe(told);
    },
  );
});

describe('a second factor', () => {
  it('is asked for after the password, and nothing after it; not where the functions alone let in', async () => {
    const strict = await openCustomPool(house);
    await house.createUser(strict.id, 'mia');
    const { AccessToken } = await signIn(house, strict.client.ClientId, 'mia');
    const before = await (await strict.startBySrp('mia', PASSWORD)).show();
    await setPoolFactors(house, strict.id, 'ON', ['SOFTWARE_TOKEN_MFA']);
    const app = await registerAuthenticator(house, AccessToken);
    await setPreference(house, AccessToken, { SoftwareTokenMfaSettings: ON });
    expect(before.ChallengeName).toBe('CUSTOM_CHALLENGE');
    expect((await strict.answer('mia', before, 'sesame')).ChallengeName).toBe('SOFTWARE_TOKEN_MFA');

    const met = await (await strict.startBySrp('mia', PASSWORD)).show();
    expect(met.ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
    house.functions.reset();
    expect(isSignedIn(await strict.mfa('mia', met, { SOFTWARE_TOKEN_MFA_CODE: await app.code() }))).toBe(
      true,
    );
    expect(house.functions.events()).toEqual([]);

    askForWord(house.functions);
    expect(isSignedIn(await strict.answer('mia', await strict.start('mia'), 'sesame'))).toBe(true);
  });
});

describe('a function that lies', () => {
  it.each([
    ['DefineAuthChallenge', DEFINE],
    ['CreateAuthChallenge', CREATE],
    ['VerifyAuthChallengeResponse', VERIFY],
  ])(
    '%s: what it throws, or returns in place of its event, is told as AWS tells it',
    async (trigger, source) => {
      const run = async () => {
        askForWord(house.functions);
        const met = source === VERIFY ? await pool.start('ann') : undefined;
        return {
          that: (behaviour: object) => {
            house.functions.does(source, behaviour);
            return refusal(met ? pool.answer('ann', met, 'sesame') : pool.start('ann'));
          },
        };
      };
      expect(await (await run()).that({ throws: "'email'" })).toBe(
        `UserLambdaValidationException: ${trigger} failed with error 'email'.`,
      );
      expect(await (await run()).that({ returnsNothing: true })).toBe(
        'InvalidLambdaResponseException: Invalid lambda function output : Invalid JSON',
      );
      for (const behaviour of [{ returns: { response: {} } }, { response: 7 }, { returns: [] }])
        expect(await (await run()).that(behaviour)).toBe(UNRECOGNISED);
    },
  );

  it.each([
    ['a list of public parameters', { publicChallengeParameters: ['x'] }],
    ['a number among them', { publicChallengeParameters: { x: 1 } }],
    ['a number among the private ones', { privateChallengeParameters: { x: 1 } }],
    ['metadata that is no text', { challengeMetadata: {} }],
    [
      'more public parameters than any client takes',
      { publicChallengeParameters: { x: 'x'.repeat(200_000) } },
    ],
    ['parameters by the ten thousand', { publicChallengeParameters: { ...Array(10_001).fill('') } }],
    ['a secret that takes long to pack', { privateChallengeParameters: { x: 'x'.repeat(200_000) } }],
  ])('Create with %s is not recognised', async (_, response) => {
    house.functions.answer(CREATE, response);
    expect(await refusal(pool.start('ann'))).toBe(UNRECOGNISED);
  });

  it('Create may leave everything null, and cannot say whose challenge it is', async () => {
    house.functions.answer(CREATE, {});
    expect((await pool.start('ann')).ChallengeParameters).toEqual({ USERNAME: 'ann' });
    const publicChallengeParameters = JSON.parse('{"USERNAME":"root","__proto__":"x","none":null,"a":"b"}');
    house.functions.answer(CREATE, { publicChallengeParameters });
    const { ChallengeParameters } = await pool.start('ann');
    expect(ChallengeParameters).toMatchObject({ USERNAME: 'ann', a: 'b' });
    expect(ChallengeParameters).not.toHaveProperty('none');
  });

  it('Verify says right by true alone', async () => {
    for (const [response, told] of [
      [{}, undefined],
      [{ answerCorrect: null }, undefined],
      [{ answerCorrect: 'true' }, UNRECOGNISED],
      [{ answerCorrect: 1 }, UNRECOGNISED],
    ] as const) {
      const met = await pool.start('ann');
      house.functions.answer(VERIFY, response);
      const answered = pool.answer('ann', met, 'sesame');
      if (told) expect(await refusal(answered)).toBe(told);
      else expect((await answered).ChallengeName).toBe('CUSTOM_CHALLENGE');
    }
  });
});
