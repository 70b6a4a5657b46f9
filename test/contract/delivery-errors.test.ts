/** A configuration that keeps messages from leaving is told to whoever asks for one, as Amazon Cognito would. */
import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  ForgotPasswordCommand,
  SignUpCommand,
  UpdateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import { openProviderServer } from '../support/provider-server.ts';

const resources = new AsyncDisposableStack();
const SES_FORBIDS = {
  status: 403,
  headers: { 'x-amzn-errortype': 'AccessDeniedException' },
  body: { message: 'User arn:aws:iam::1:user/x is not authorized to perform ses:SendEmail' },
};
let house: House;
let poolId: string;
let ClientId: string;

beforeAll(async () => {
  const before = { ...process.env };
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' });
  resources.defer(() => {
    process.env = before;
  });
  const provider = resources.use(await openProviderServer(SES_FORBIDS));
  const email = `ses://us-east-1?from=no-reply@example.com&endpoint=${provider.url}`;
  house = resources.use(await openHouse({ email }));
  poolId = await house.createPool();
  ({ ClientId } = await house.createClient(poolId, { PreventUserExistenceErrors: 'ENABLED' }));
  await house.createUser(poolId, 'ann');
});
afterAll(() => resources.disposeAsync());

const outcomeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'success',
    (error: Error) => `${error.name}: ${error.message}`,
  );
const signUp = (name: string) =>
  outcomeOf(
    house.sdk.send(
      new SignUpCommand({
        ClientId,
        Username: name,
        Password: PASSWORD,
        UserAttributes: [{ Name: 'email', Value: `${name}@example.com` }],
      }),
    ),
  );
const forgets = (Username: string) =>
  outcomeOf(house.sdk.send(new ForgotPasswordCommand({ ClientId, Username })));
const failed = (to: string) =>
  vi.waitFor(
    async () => expect((await house.messages(to))[0]).toMatchObject({ lastError: expect.any(String) }),
    { timeout: 5000, interval: 20 },
  );
const REFUSED = 'InvalidEmailRoleAccessPolicyException: Role does not have permission to send with SES';

test('the message that shows it first is queued; the next request is refused, and changes nothing', async () => {
  // What became of a reset is never told: it would say whether the name before was a user's.
  expect(await forgets('ann')).toBe('success');
  await failed('ann@example.com');
  expect(await forgets('ann')).toBe('success');

  expect(await signUp('first')).toBe('success');
  await failed('first@example.com');
  expect(await signUp('second')).toBe(REFUSED);
  const second = new AdminGetUserCommand({ UserPoolId: poolId, Username: 'second' });
  expect(await outcomeOf(house.sdk.send(second))).toMatch(/^UserNotFoundException/);
});

test('it is told of nobody as of a user', async () => {
  expect([await forgets('ann'), await forgets('nobody')]).toEqual([REFUSED, REFUSED]);
});

test('an operation without that error queues its message', async () => {
  const invitation = new AdminCreateUserCommand({
    UserPoolId: poolId,
    Username: 'guest',
    UserAttributes: [{ Name: 'email', Value: 'guest@example.com' }],
  });
  expect(await outcomeOf(house.sdk.send(invitation))).toBe('success');
});

test('a configuration that was changed is tried anew', async () => {
  const changed = new UpdateUserPoolCommand({
    UserPoolId: poolId,
    AutoVerifiedAttributes: ['email'],
    EmailConfiguration: { From: 'codes@example.com' },
  });
  await house.sdk.send(changed);
  expect(await forgets('nobody')).toBe('success');
});
