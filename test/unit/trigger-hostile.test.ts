/** A function that fails, or answers what is none: what a client of the API is told, in Amazon Cognito's words, and what is not. */
import { DescribeUserPoolCommand, SignUpCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { type Behaviour, type FunctionHouse, openFunctionHouse, type Way } from '../support/functions.ts';
import { PASSWORD } from '../support/house.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const SIGN_UP = 'PreSignUp_SignUp';
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const THROWN = 'UserLambdaValidationException: PreSignUp failed with error';
const UNRECOGNIZABLE = 'InvalidLambdaResponseException: Unrecognizable lambda output';
const NOT_JSON = 'InvalidLambdaResponseException: Invalid lambda function output : Invalid JSON';

let house: FunctionHouse;
let clientId: string;
beforeAll(async () => {
  house = await openFunctionHouse();
  clientId = await clientOf(house);
});
afterAll(() => house[Symbol.asyncDispose]());

async function clientOf({ createPool, createClient, functions }: FunctionHouse): Promise<string> {
  const poolId = await createPool({ LambdaConfig: functions.config('PreSignUp') });
  return (await createClient(poolId)).ClientId;
}

const signUp = (Username = newName(), at = house, ClientId = clientId) =>
  at.sdk.send(
    new SignUpCommand({
      ClientId,
      Username,
      Password: PASSWORD,
      UserAttributes: [{ Name: 'email', Value: `${Username}@example.com` }],
    }),
  );

interface Call {
  outcome: string;
  reason: string | null;
  attempts: number;
  trigger: string;
  triggerSource: string;
}
async function newestCall(): Promise<Call> {
  const { invocations } = (await house.operator('triggers?limit=1')) as { invocations: Call[] };
  return invocations[0] as Call;
}

describe('a function that throws', () => {
  test.each<[string, Behaviour, string | RegExp, string]>([
    ['an error', { throws: 'No', errorType: 'Mine' }, `${THROWN} No.`, 'Mine'],
    ['an error with a full stop', { throws: 'No.' }, `${THROWN} No..`, 'Error'],
    ['an error without words', { throws: '' }, `${THROWN} .`, 'Error'],
    ['a long error', { throws: 'x'.repeat(5000) }, `${THROWN} ${'x'.repeat(2048)}.`, 'Error'],
    ['a type that is none', { throws: 'No', errorType: 'a\nb: c' }, `${THROWN} No.`, 'Error'],
    [
      'nothing, and exits',
      { exits: 129 },
      new RegExp(`^${THROWN} RequestId: ${UUID} Error: Runtime exited with error: exit status 129\\.$`),
      'Runtime.ExitError',
    ],
    [
      'nothing, and crashes',
      { kills: 'SIGSEGV' },
      new RegExp(
        `^${THROWN} RequestId: ${UUID} Error: Runtime exited with error: signal: segmentation fault\\.$`,
      ),
      'Runtime.ExitError',
    ],
  ])(
    '%s is told with its message; operators are told its type alone',
    async (_what, behaviour, told, type) => {
      house.functions.does(SIGN_UP, behaviour);
      const message = await refusal(signUp());
      if (typeof told === 'string') expect(message).toBe(told);
      else expect(message).toMatch(told);
      expect(await newestCall()).toMatchObject({ outcome: 'threw', reason: type, attempts: 1 });
    },
  );
});

describe('an answer that is none', () => {
  const event = { version: '1', region: 'r', userPoolId: 'p', userName: 'u', callerContext: {} };
  test.each<[string, Behaviour, string]>([
    ['nothing', { returnsNothing: true }, NOT_JSON],
    ['null', { returns: null }, NOT_JSON],
    ['a text', { returns: 'fine' }, UNRECOGNIZABLE],
    ['a number', { returns: 1 }, UNRECOGNIZABLE],
    ['true', { returns: true }, UNRECOGNIZABLE],
    ['a list', { returns: [{ response: {} }] }, UNRECOGNIZABLE],
    ['an empty object', { returns: {} }, UNRECOGNIZABLE],
    ['a response alone', { returns: { response: { autoConfirmUser: true } } }, UNRECOGNIZABLE],
    ['an event without its response', { returns: event }, UNRECOGNIZABLE],
    ['a response that is null', { returns: { ...event, response: null } }, UNRECOGNIZABLE],
    ['a response that is a list', { response: [] }, UNRECOGNIZABLE],
    ['a response that is a text', { response: 'autoConfirmUser' }, UNRECOGNIZABLE],
    ['a text in place of true', { response: { autoConfirmUser: 'true' } }, UNRECOGNIZABLE],
    ['a number in place of true', { response: { autoConfirmUser: 1 } }, UNRECOGNIZABLE],
    ['a list in place of true', { response: { autoConfirmUser: [true] } }, UNRECOGNIZABLE],
    ['members in capitals', { returns: { ...event, Response: {} } }, UNRECOGNIZABLE],
  ])('%s makes nobody a user', async (_what, behaviour, told) => {
    house.functions.does(SIGN_UP, behaviour);
    const name = newName();
    expect(await refusal(signUp(name))).toBe(told);
    expect(await newestCall()).toMatchObject({
      outcome: 'bad-answer',
      attempts: 1,
      reason: expect.any(String),
    });
    house.functions.answer(SIGN_UP, { autoConfirmUser: true });
    expect((await signUp(name)).UserConfirmed).toBe(true);
  });

  test('what is too large makes nobody a user', async () => {
    house.functions.does(SIGN_UP, { response: { autoConfirmUser: true, ballast: 'x'.repeat(6_300_000) } });
    expect(await refusal(signUp())).toBe(
      `${THROWN} Response payload size exceeded maximum allowed payload size (6291456 bytes)..`,
    );
  });

  test('what nobody asked for is not looked at', async () => {
    house.functions.does(SIGN_UP, {
      returns: { ...event, response: { autoConfirmUser: true, isAdmin: true, ['__proto__']: {} }, more: [1] },
    });
    expect((await signUp()).UserConfirmed).toBe(true);
  });

  test('null in a response is as if it were not there', async () => {
    house.functions.answer(SIGN_UP, { autoConfirmUser: null, autoVerifyEmail: null });
    expect((await signUp()).UserConfirmed).toBe(false);
  });
});

describe.each<Way>(['https', 'lambda'])('by %s', (way) => {
  test('the same errors are told in the same words, and the same answers are obeyed', async () => {
    await using there = await openFunctionHouse({ way });
    const { functions } = there;
    const id = await clientOf(there);
    const attempt = () => signUp(newName(), there, id);
    functions.fail(SIGN_UP, 'No', 'Mine');
    expect(await refusal(attempt())).toBe(`${THROWN} No.`);
    functions.does(SIGN_UP, { returnsNothing: true });
    expect(await refusal(attempt())).toBe(NOT_JSON);
    functions.does(SIGN_UP, { returns: {} });
    expect(await refusal(attempt())).toBe(UNRECOGNIZABLE);
    functions.answer(SIGN_UP, { autoConfirmUser: true });
    expect((await attempt()).UserConfirmed).toBe(true);
    expect(functions.last(SIGN_UP).userPoolId).toMatch(/^us-east-1_/);
    const { invocations } = (await there.operator('triggers?limit=1')) as {
      invocations: { target: string }[];
    };
    expect(invocations[0]?.target).toBe(way);
  });
});

test('how long functions take is told by trigger and outcome, of no function by its name', async () => {
  const metrics = await (await fetch(`${house.url}/metrics`)).text();
  const lines = metrics.match(/^poolkeeper_trigger_duration_seconds_count.*$/gm) ?? [];
  for (const outcome of ['ok', 'threw', 'bad-answer']) {
    expect(lines).toContainEqual(expect.stringContaining(`{trigger="PreSignUp",outcome="${outcome}"}`));
  }
  expect(metrics).not.toContain('arn:');
});

test('a function that nobody can reach is told by what is known of it, and never by its address', async () => {
  const port = await freePort();
  await using there = await openFunctionHouse({
    function: `arn:aws:lambda:us-east-1:1:function:unreachable=lambda:http://127.0.0.1:${port}`,
  });
  const LambdaConfig = { PreSignUp: 'arn:aws:lambda:us-east-1:1:function:unreachable' };
  const { ClientId } = await there.createClient(await there.createPool({ LambdaConfig }));
  expect(await refusal(signUp(newName(), there, ClientId))).toBe(
    'UnexpectedLambdaException: PreSignUp invocation failed due to error ECONNREFUSED.',
  );
  const { invocations } = (await there.operator('triggers')) as { invocations: Call[] };
  expect(invocations).toMatchObject([{ outcome: 'not-invoked', reason: 'ECONNREFUSED', attempts: 3 }]);
});

test('beside functions that hang and spin, others are answered as before', async () => {
  await using there = await openFunctionHouse();
  const poolId = await there.createPool({ LambdaConfig: there.functions.config('PreSignUp') });
  const { ClientId } = await there.createClient(poolId);
  // The slowest of ten is left to what else the machine does.
  const usual = async () => {
    const durations: number[] = [];
    for (let call = 0; call < 30; call += 1) {
      const began = performance.now();
      await there.sdk.send(new DescribeUserPoolCommand({ UserPoolId: poolId }));
      durations.push(performance.now() - began);
    }
    return durations.toSorted((a, b) => a - b)[26] as number;
  };
  await usual();
  const before = await usual();
  let done = 0;
  there.functions.does(SIGN_UP, (event) =>
    event.userName.endsWith('spins') ? { spins: 1200 } : { waits: 1200 },
  );
  const crowd = Array.from({ length: 12 }, async (_, index) => {
    await signUp(`${newName()}${index < 3 ? 'spins' : ''}`, there, ClientId);
    done += 1;
  });
  await expect.poll(() => there.functions.events().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(10);
  const beside = await usual();
  // It was measured while they were at it.
  expect(done).toBeLessThan(crowd.length);
  expect(beside).toBeLessThan(5 * before + 50);
  await Promise.all(crowd);
});
