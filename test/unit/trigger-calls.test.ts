/** Calls of functions, wherever they run: how often one is tried, how many at a time, and what operators see of them. */
import { getPriority } from 'node:os';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { Services } from '../../packages/server/src/domain/services.ts';
import { createFunctions } from '../../packages/server/src/domain/triggers/create-functions.ts';
import {
  type Functions,
  FunctionThrew,
  NotInvoked,
} from '../../packages/server/src/domain/triggers/functions.ts';
import { callFunction } from '../../packages/server/src/domain/triggers/run-trigger.ts';
import { adjustableClock } from '../../packages/server/src/platform/clock.ts';
import { openFunctions, recorderFile } from '../support/functions.ts';
import { refusal } from '../support/refusal.ts';

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:name';
const EVENT = JSON.stringify({ request: { password: 'hunter2', clientMetadata: { key: 'hunter3' } } });

/** `callFunction` with what stands for the function, and what is written of it. */
function caller(invoke: Functions['invoke']) {
  const lines: string[] = [];
  const calls: unknown[] = [];
  const functions = createFunctions({
    functions: [{ arn: '*', target: { kind: 'lambda', endpoint: undefined, name: undefined } }],
    mode: 'production',
    region: 'us-east-1',
    webhookSecrets: [],
    functionNetworks: [],
    environment: () => ({}),
    onCall: (call) => calls.push(call),
  });
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const services = {
    functions: { ...functions, invoke },
    log,
    clock: adjustableClock(),
  } as unknown as Services;
  return {
    written: () => lines.join('') + JSON.stringify([functions.recent(), calls]),
    functions,
    call: () =>
      callFunction(
        services,
        { id: 'pool' },
        { trigger: 'PreSignUp', source: 'PreSignUp_SignUp' },
        ARN,
        EVENT,
        {
          attempts: 3,
          patience: 1000,
          read: (answer) => JSON.parse(answer) as unknown,
        },
      ),
  };
}

describe('a call', () => {
  test.each([
    [
      'a time-out',
      () => new NotInvoked('Socket timeout while invoking Lambda function', { passing: true }),
      3,
    ],
    ['too many calls', () => new NotInvoked('TooManyRequestsException', { passing: true }), 3],
    [
      'what another attempt would not mend',
      () => new NotInvoked('AccessDeniedException', { passing: false }),
      1,
    ],
    ['an error of the function', () => new FunctionThrew('No'), 1],
  ])('after %s', async (_what, error, attempts) => {
    let tried = 0;
    const { call, functions } = caller(async () => {
      tried += 1;
      throw error();
    });
    await refusal(call());
    expect(tried).toBe(attempts);
    expect(functions.recent()).toMatchObject([{ attempts }]);
  });

  test('that does better at another attempt is answered', async () => {
    let tried = 0;
    const { call, functions } = caller(async () => {
      tried += 1;
      if (tried < 3) throw new NotInvoked('ECONNRESET', { passing: true });
      return '"fine"';
    });
    expect(await call()).toBe('fine');
    expect(functions.recent()).toMatchObject([{ outcome: 'ok', attempts: 3, reason: null }]);
  });

  test.each<[string, Functions['invoke']]>([
    ['answers', async () => '{"response":{"answer":"hunter4"}}'],
    ['answers nonsense', async () => '{"answer":"hunter4"'],
    ['throws', () => Promise.reject(new FunctionThrew('hunter4', 'hunter4 said'))],
    [
      'cannot be called',
      () => Promise.reject(new NotInvoked('X', { passing: false, cause: new Error('hunter4') })),
    ],
  ])('of a function that %s leaves none of its words with operators', async (_how, invoke) => {
    const { call, written } = caller(invoke);
    await call().catch(() => {});
    expect(written()).toContain('PreSignUp_SignUp');
    expect(written()).not.toMatch(/hunter/);
  });

  test('is remembered until a thousand newer ones were made', async () => {
    const { call, functions } = caller(async () => '1');
    for (let made = 0; made < 1005; made += 1) await call();
    const recent = functions.recent();
    expect(recent).toHaveLength(1000);
    expect(recent[0]?.time).toBeGreaterThanOrEqual(recent[999]?.time as number);
  });
});

/** Real functions, in files; `*` and one ARN of its own. */
async function openFiles() {
  const recorded = await openFunctions();
  const functions = createFunctions({
    functions: [{ arn: '*', target: { kind: 'file', path: recorderFile, exportName: 'handler' } }],
    mode: 'production',
    region: 'us-east-1',
    webhookSecrets: [],
    functionNetworks: [],
    environment: () => ({}),
    onCall: () => {},
  });
  return Object.assign(functions, {
    recorded,
    arn: recorded.arn('name'),
    [Symbol.asyncDispose]: () => functions.close(),
  });
}

describe('functions', () => {
  const event = JSON.stringify({ triggerSource: 'X', response: {} });

  test('take as long as they took of late at a trigger; nothing is known of those that failed', async () => {
    await using files = await openFiles();
    const { arn } = files;
    const call = { id: '1', time: 0, poolId: 'p', functionArn: arn, target: 'file', attempts: 1 } as const;
    const said = { triggerSource: 'CustomMessage_ForgotPassword', reason: null } as const;
    files.note({ ...call, ...said, trigger: 'CustomMessage', duration: 9, outcome: 'threw' });
    expect(files.usualDuration(arn, 'CustomMessage')).toBe(0);
    files.note({ ...call, ...said, trigger: 'CustomMessage', duration: 50, outcome: 'ok' });
    expect(files.usualDuration(arn, 'CustomMessage')).toBe(50);
    expect(files.usualDuration(arn, 'PreSignUp')).toBe(0);
    expect(files.usualDuration(files.recorded.arn('another'), 'CustomMessage')).toBe(0);
  });

  test('behind a crowd of a thousand are not called any more, and others are', async () => {
    await using files = await openFiles();
    files.recorded.does('X', { hangs: true });
    const hanging = Array.from({ length: 1000 }, () => files.invoke(files.arn, event, 600).catch(() => {}));
    const began = performance.now();
    expect(await refusal(files.invoke(files.arn, event, 20_000))).toBe('Error: TooManyRequestsException');
    expect(performance.now() - began).toBeLessThan(300);
    await Promise.all(hanging);
    files.recorded.does('X', undefined);
    expect(await files.invoke(files.arn, event, 20_000)).toBe(event);
  });

  test('have less of a claim to the processor than the server', async () => {
    await using files = await openFiles();
    files.recorded.does('X', { returnsPriority: true });
    const answer = await files.invoke(files.arn, event, 20_000);
    expect(Number(answer)).toBeGreaterThan(getPriority());
  });

  test('that no target is known for are not called', async () => {
    const none = createFunctions({
      functions: [],
      mode: 'dev',
      region: 'us-east-1',
      webhookSecrets: [],
      functionNetworks: [],
      environment: () => ({}),
      onCall: () => {},
    });
    expect(none.targetOf(ARN)).toBeUndefined();
    expect(await refusal(none.invoke(ARN, event, 100))).toBe('Error: ResourceNotFoundException');
    await none.close();
  });
});
