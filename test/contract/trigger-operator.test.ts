import { ForgotPasswordCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FunctionHouse, openFunctionHouse } from '../support/functions.ts';

let house: FunctionHouse;
let poolId: string;
let clientId: string;

beforeAll(async () => {
  house = await openFunctionHouse();
  poolId = await house.createPool({ LambdaConfig: house.functions.config('CustomMessage') });
  clientId = (await house.createClient(poolId)).ClientId;
  await house.createUser(poolId, 'ann');
  await house.operator(`pools/${poolId}/settings`, {
    method: 'PUT',
    json: { recovery: { attemptsPerHour: 0 } },
  });
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => house.functions.reset());

interface Shown {
  id: string;
  time: string;
  reason: string | null;
  durationMs: number;
}

const list = async (query = `userPoolId=${poolId}`) =>
  ((await house.operator(`triggers?${query}`)) as { invocations: Shown[] }).invocations;

const forget = (clientMetadata?: Record<string, string>) =>
  house.sdk
    .send(new ForgotPasswordCommand({ ClientId: clientId, Username: 'ann', ClientMetadata: clientMetadata }))
    .catch(() => {});

test('operators see what became of each call of a function, the newest first', async () => {
  const before = Date.now();
  await forget();
  house.functions.fail('CustomMessage_ForgotPassword', 'Not today', 'ClosedError');
  await forget();
  house.functions.answer('CustomMessage_ForgotPassword', { emailMessage: 7 });
  await forget();

  const facts = {
    id: expect.any(String),
    time: expect.any(String),
    userPoolId: poolId,
    functionArn: house.functions.arn('CustomMessage'),
    target: 'file',
    trigger: 'CustomMessage',
    triggerSource: 'CustomMessage_ForgotPassword',
    attempts: 1,
    durationMs: expect.any(Number),
  };
  const listed = await list();
  expect(listed).toEqual([
    {
      ...facts,
      outcome: 'bad-answer',
      reason: 'response.emailMessage must be a text, not a number.',
    },
    { ...facts, outcome: 'threw', reason: 'ClosedError' },
    { ...facts, outcome: 'ok', reason: null },
  ]);
  for (const { time } of listed) {
    expect(Date.parse(time)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(time)).toBeLessThanOrEqual(Date.now());
  }
});

test('nothing that a function was sent, or said, is listed', async () => {
  house.functions.fail('CustomMessage_ForgotPassword', 'secret of the function');
  await forget({ token: 'secret of the app' });
  house.functions.answer('CustomMessage_ForgotPassword', { emailMessage: 'secret {####} text' });
  await forget({ token: 'secret of the app' });

  const text = JSON.stringify(await list());
  expect(text).not.toContain('secret');
  expect(text).not.toContain('ann@example.com');
});

test('the listing is narrowed by pool, source and number', async () => {
  await forget();
  await forget();

  expect(await list(`userPoolId=${poolId}&limit=1`)).toHaveLength(1);
  expect((await list('triggerSource=CustomMessage_ForgotPassword')).length).toBeGreaterThanOrEqual(2);
  expect(await list('triggerSource=CustomMessage_SignUp')).toEqual([]);
  expect(await list('userPoolId=us-east-1_Elsewhere')).toEqual([]);
});

test.each([
  ['limit=0', 'limit must be an integer from 1 to 500.'],
  ['limit=501', 'limit must be an integer from 1 to 500.'],
  ['userPoolId=a%20b', 'userPoolId must be the id of a user pool, such as us-east-1_AbCdEf123.'],
  ['triggerSource=a%20b', 'triggerSource must be like CustomMessage_ForgotPassword.'],
  ['outcome=ok', 'Unknown parameter outcome. Known are userPoolId, triggerSource, limit.'],
])('what is asked for amiss is refused: %s', async (query, message) => {
  const response = await fetch(`${house.url}/_poolkeeper/triggers?${query}`);

  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: { type: 'InvalidParameterException', message } });
});
