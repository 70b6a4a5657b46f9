import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ForgotPasswordCommand, InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { trigger } from '../../packages/server/src/commands/trigger.ts';
import { rehearsals } from '../../packages/server/src/domain/triggers/rehearsals.ts';
import { triggers } from '../../packages/server/src/domain/triggers/trigger.ts';
import { commandLine } from '../support/command.ts';
import { type Database, openDatabase } from '../support/database.ts';
import { functionProcess } from '../support/functions/function-process.ts';
import { type FunctionHouse, openFunctionHouse, recorderFile } from '../support/functions.ts';
import { PASSWORD } from '../support/house.ts';

const withoutSenders = triggers.filter((name) => !/Sender$/.test(name));
const KMSKeyID = 'arn:aws:kms:us-east-1:123456789012:key/6d5ba4b6-1f2c-4b0f-8d5c-2f4a5b1f3c77';

let database: Database;
let house: FunctionHouse;
let poolId: string;
let functionsUrl: string;
let printed: string[];

beforeAll(async () => {
  database = await openDatabase();
  house = await openFunctionHouse(database.options);
  functionsUrl = (await functionProcess('lambda')).url;
  const { arn, config } = house.functions;
  const sender = (name: string) => ({ LambdaVersion: 'V1_0' as const, LambdaArn: arn(name) });
  poolId = await house.createPool({
    LambdaConfig: {
      ...config(...triggers),
      CustomEmailSender: sender('CustomEmailSender'),
      CustomSMSSender: sender('CustomSMSSender'),
      KMSKeyID,
    },
  });
  await house.createClient(poolId);
  await house.createUser(poolId, 'ann', [
    { Name: 'email', Value: 'ann@example.com' },
    { Name: 'email_verified', Value: 'true' },
    { Name: 'phone_number', Value: '+15550100' },
  ]);
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
beforeEach(() => {
  house.functions.reset();
  printed = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** Where functions run, and the data; one process runs them for all tests, for each start of one takes its time. */
const place = (target = `lambda:${functionsUrl}`) => [
  '--data',
  String(database.options.data),
  '--function',
  `*=${target}`,
];

/** `trigger invoke` in JSON, with its exit code. */
async function invoke(source: string, ...args: string[]) {
  const given = args.includes('--pool') ? args : ['--pool', poolId, ...args];
  await trigger.run(['invoke', source, '--user', 'ann', '--json', ...place(), ...given]);
  return { ...JSON.parse(printed.join('')), exitCode: process.exitCode ?? 0 };
}

test('the event is the very one that the server sends, but for the SDK', async () => {
  // Where a function sends the mail, none shapes it.
  const mailing = await house.createPool({ LambdaConfig: house.functions.config(...withoutSenders) });
  const { ClientId } = await house.createClient(mailing);
  await house.createUser(mailing, 'ann');
  house.functions.reset();
  await house.sdk.send(
    new ForgotPasswordCommand({ ClientId, Username: 'ann', ClientMetadata: { language: 'de' } }),
  );
  await house.sdk.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'ann', PASSWORD },
      ClientMetadata: { device: 'phone' },
    }),
  );
  const sent = house.functions.events();
  expect(sent.map(({ triggerSource }) => triggerSource)).toEqual([
    'CustomMessage_ForgotPassword',
    'PreAuthentication_Authentication',
    'PostAuthentication_Authentication',
    'TokenGeneration_Authentication',
  ]);

  for (const event of sent) {
    printed = [];
    const given = {
      CustomMessage_ForgotPassword: ['--client-metadata', '{"language":"de"}'],
      PreAuthentication_Authentication: ['--validation-data', '{"device":"phone"}'],
    }[event.triggerSource];
    const rehearsed = await invoke(event.triggerSource, '--pool', mailing, ...(given ?? []));
    expect(JSON.stringify(rehearsed.event)).toBe(
      JSON.stringify({
        ...event,
        callerContext: { ...event.callerContext, awsSdkVersion: 'aws-sdk-unknown-unknown' },
      }),
    );
    expect(rehearsed).toMatchObject({
      accepted: true,
      error: null,
      exitCode: 0,
      attempts: 1,
      target: 'lambda',
    });
  }
});

test('every source runs its function, and changes nothing in the database', async () => {
  const tables = [
    'users',
    'sign_in_names',
    'messages',
    'attempts',
    'sessions',
    'recoveries',
    'spent_challenges',
  ];
  const content = async () => {
    const rows = await Promise.all(
      tables.map((table) => database.rows(`select * from ${table} order by 1, 2`)),
    );
    return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
  };
  const before = await content();

  for (const source of Object.keys(rehearsals)) {
    printed = [];
    const user = source.startsWith('UserMigration') ? 'bob' : 'ann';
    const args = ['invoke', source, '--pool', poolId, '--user', user, '--json'];
    await trigger.run([...args, ...place()]);
    expect(JSON.parse(printed.join('')), source).toMatchObject({ triggerSource: source, attempts: 1 });
    expect(house.functions.last(source).userPoolId).toBe(poolId);
  }

  expect(await content()).toBe(before);
});

test('an answer that the server would refuse is refused, with what is wrong in it', async () => {
  house.functions.answer('CustomMessage_ForgotPassword', { emailMessage: ['no'] });

  expect(await invoke('CustomMessage_ForgotPassword')).toMatchObject({
    accepted: false,
    error: { type: 'InvalidLambdaResponseException', message: 'Unrecognizable lambda output' },
    reason: 'response.emailMessage must be a text, not a list.',
    exitCode: 1,
  });
});

test('what a function throws is shown, also by one that sends messages', async () => {
  house.functions.fail('CustomMessage_ForgotPassword', 'Out of ink', 'InkError');
  house.functions.fail('CustomEmailSender_ForgotPassword', 'Out of stamps');

  expect(await invoke('CustomMessage_ForgotPassword')).toMatchObject({
    error: { type: 'UserLambdaValidationException', message: 'CustomMessage failed with error Out of ink.' },
    reason: 'InkError',
    exitCode: 1,
  });
  printed = [];
  expect(await invoke('CustomEmailSender_ForgotPassword')).toMatchObject({
    error: { message: 'Out of stamps' },
    exitCode: 1,
  });
});

test('a password is sent and not printed, whatever the function makes of it', async () => {
  house.functions.does('UserMigration_Authentication', ({ request }) => ({
    throws: `Wrong: ${request.password}`,
  }));
  const secret = 'a real secret';

  const args = ['--pool', poolId, '--user', 'bob', '--password', secret, ...place()];
  await trigger.run(['invoke', 'UserMigration_Authentication', ...args]);

  expect(house.functions.last('UserMigration_Authentication').request.password).toBe(secret);
  expect(printed.join('')).toContain(
    'It fails: UserLambdaValidationException: UserMigration failed with error Wrong: (not shown).',
  );
  expect(printed.join('')).not.toContain(secret);
});

test('what a function answers cannot write to the terminal but in JSON', async () => {
  house.functions.does('PostConfirmation_ConfirmSignUp', { returns: '\u001b[2J gone' });

  await trigger.run([
    'invoke',
    'PostConfirmation_ConfirmSignUp',
    '--pool',
    poolId,
    '--user',
    'ann',
    ...place(),
  ]);

  expect(printed.join('')).toContain('\\u001b[2J gone');
  expect(printed.join('')).not.toContain('\u001b');
});

test('VerifyAuthChallengeResponse gets what CreateAuthChallenge keeps to itself', async () => {
  house.functions.answer('CreateAuthChallenge_Authentication', {
    privateChallengeParameters: { expected: 'blue' },
  });

  const { event } = await invoke('VerifyAuthChallengeResponse_Authentication', '--answer', 'blue');

  expect(event.request).toMatchObject({
    privateChallengeParameters: { expected: 'blue' },
    challengeAnswer: 'blue',
  });
});

test.each([
  [
    ['invoke', 'CustomMessage_Nope'],
    /^Unknown source CustomMessage_Nope\. Known are\n {2}PreSignUp_SignUp\n/,
  ],
  [['invoke'], /^Say which, as in poolkeeper trigger invoke SOURCE\. Known are\n/],
  [
    ['invoke', 'PreSignUp_SignUp', '--pool', 'us-east-1_Elsewhere', '--user', 'ann'],
    /^User pool us-east-1_Elsewhere does not exist\.$/,
  ],
  [['invoke', 'CustomMessage_SignUp', '--pool', 'POOL', '--user', 'nobody'], /^User does not exist\.$/],
  [['invoke', 'CustomMessage_SignUp', '--pool', 'POOL'], /^Say which: --user\.$/],
  [
    ['invoke', 'CustomMessage_SignUp', '--pool', 'POOL', '--user', 'ann', '--client', 'nope'],
    /^User pool client nope does not exist\.$/,
  ],
  [
    ['invoke', 'CustomMessage_SignUp', '--pool', 'POOL', '--user', 'ann', '--client-metadata', '{"a":1}'],
    /^--client-metadata must be a JSON object of texts/,
  ],
  [
    ['invoke', 'CustomMessage_SignUp', '--pool', 'POOL', '--user', 'ann', '--channel', 'PIGEON'],
    /^--channel is EMAIL or SMS\.$/,
  ],
  [['bark'], /^poolkeeper trigger takes invoke or list\./],
])('what is asked for amiss is told: %j', async ([action = '', ...args], message) => {
  const named = args.map((arg) => (arg === 'POOL' ? poolId : arg));

  await expect(trigger.run([action, ...named, ...place()])).rejects.toThrow(message);
});

test('a pool without the function, and a function that is nowhere, are told with what to do', async () => {
  const bare = await house.createPool();
  await expect(
    trigger.run(['invoke', 'PreSignUp_SignUp', '--pool', bare, '--user', 'ann', ...place()]),
  ).rejects.toThrow('has no function for it. Name one as LambdaConfig.PreSignUp with UpdateUserPool.');
  await expect(
    trigger.run(['invoke', 'PreSignUp_SignUp', '--pool', poolId, '--user', 'ann', ...place().slice(0, 2)]),
  ).rejects.toThrow(`Start it with --function '${house.functions.arn('PreSignUp')}=file:./handler.js'`);
});

test('list shows which functions a pool has, and where they run', async () => {
  await trigger.run(['list', '--pool', poolId, '--json', ...place(`file:${recorderFile}`)]);

  expect(JSON.parse(printed.join(''))).toEqual(
    triggers.map((name) => ({ trigger: name, functionArn: house.functions.arn(name), target: 'file' })),
  );
});

test('as a command it ends with 1 when the answer is refused, and prints nothing but JSON', async () => {
  const chatty = join(String(database.options.data), 'chatty.mjs');
  writeFileSync(chatty, "export const handler = async () => console.log('printed');");

  const args = [
    'trigger',
    'invoke',
    'CustomMessage_ForgotPassword',
    '--pool',
    poolId,
    '--user',
    'ann',
    '--json',
  ];
  const { code, output } = await commandLine().run([...args, ...place(`file:${chatty}`)]);

  expect(code).toBe(1);
  expect(JSON.parse(output)).toMatchObject({
    error: { message: 'Invalid lambda function output : Invalid JSON' },
  });
});
