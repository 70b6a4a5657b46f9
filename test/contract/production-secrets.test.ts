import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  type CognitoIdentityProviderClient,
  ConfirmForgotPasswordCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  ForgotPasswordCommand,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NEW_PASSWORD, PASSWORD } from '../support/house.ts';
import { smtpReply } from '../support/mail-server.ts';
import {
  administratorSdk,
  bearer,
  openProductionHouse,
  type ProductionHouse,
} from '../support/production-house.ts';
import { secretHash, wrongCode } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const ADDRESS = 'ann.person@example.com';
const PADDING = 'x'.repeat(1000);

let house: ProductionHouse;
let sdk: CognitoIdentityProviderClient;
let pool: string;
let client: { ClientId: string; ClientSecret: string };
let refusals: Error[];
beforeEach(async () => {
  refusals = [];
  house = await openProductionHouse({}, { onMessage: () => refusals.shift() });
  sdk = await administratorSdk(house.options, house.url);
  const created = await sdk.send(
    new CreateUserPoolCommand({
      PoolName: 'production',
      AutoVerifiedAttributes: ['email'],
      EmailVerificationMessage: `${PADDING} {####}`,
    }),
  );
  pool = created.UserPool?.Id as string;
  const UserPoolId = pool;
  const { UserPoolClient } = await sdk.send(
    new CreateUserPoolClientCommand({
      UserPoolId,
      ClientName: 'app',
      GenerateSecret: true,
      PreventUserExistenceErrors: 'ENABLED',
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    }),
  );
  client = UserPoolClient as typeof client;
  await sdk.send(
    new AdminCreateUserCommand({
      UserPoolId,
      Username: 'ann',
      MessageAction: 'SUPPRESS',
      UserAttributes: [
        { Name: 'email', Value: ADDRESS },
        { Name: 'email_verified', Value: 'true' },
      ],
    }),
  );
  await sdk.send(
    new AdminSetUserPasswordCommand({ UserPoolId, Username: 'ann', Password: PASSWORD, Permanent: true }),
  );
});
afterEach(async () => {
  sdk.destroy();
  await house[Symbol.asyncDispose]();
});

const caller = (Username: string) => ({
  ClientId: client.ClientId,
  Username,
  SecretHash: secretHash(client, Username),
});
const forgot = (name: string) => sdk.send(new ForgotPasswordCommand(caller(name)));
const signIn = (Password: string) =>
  sdk.send(
    new InitiateAuthCommand({
      ClientId: client.ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'ann', PASSWORD: Password, SECRET_HASH: secretHash(client, 'ann') },
    }),
  );

async function mailedCode(): Promise<string> {
  const mail = await house.mail.first(ADDRESS);
  return /x (\d{6})/.exec((mail.content.text as string).replaceAll('\n', ' '))?.[1] as string;
}

const messages = async (): Promise<Record<string, unknown>[]> =>
  ((await (await house.operator('messages')).json()) as { messages: Record<string, unknown>[] }).messages;

/** Every message as the database has it, without what differs from one to the next. */
const rows = () =>
  house.database.rows(
    `select attempts, due_at, last_error, length(sealed_content) as size, sent_at is not null as ended
     from messages order by created_at, id`,
  );

describe('a message', () => {
  it('is shown to operators without its body and its code, before it is sent and after', async () => {
    refusals = Array.from({ length: 2 }, () => smtpReply(451, '4.3.0 later'));
    await forgot('ann');
    const facts = {
      id: expect.any(String),
      userPoolId: expect.any(String),
      sub: expect.any(String),
      username: 'ann',
      channel: 'EMAIL',
      to: ADDRESS,
      subject: 'Your verification code',
      triggerSource: 'CustomMessage_ForgotPassword',
      createdAt: expect.any(String),
      attempts: expect.any(Number),
      lastError: null,
      expiresAt: expect.any(String),
      feedback: null,
      record: expect.any(Array),
    };
    await expect.poll(messages).toMatchObject([{ attempts: 1, lastError: expect.any(String) }]);
    expect(await messages()).toEqual([
      { ...facts, status: 'queued', sentAt: null, lastError: expect.stringMatching(/451/) },
    ]);
    await mailedCode();
    await expect
      .poll(messages, { timeout: 5000 })
      .toEqual([{ ...facts, status: 'sent', sentAt: expect.any(String) }]);
  });

  it('that no channel can take waits for one, and says so', async () => {
    await sdk.send(
      new AdminCreateUserCommand({
        UserPoolId: pool,
        Username: 'bob',
        DesiredDeliveryMediums: ['SMS'],
        UserAttributes: [{ Name: 'phone_number', Value: '+12065550100' }],
      }),
    );
    await expect
      .poll(messages)
      .toMatchObject([{ channel: 'SMS', status: 'queued', lastError: 'No channel for SMS is configured.' }]);
  });

  it('keeps nothing of its code once it is sent, and sealed what failed while its code lives', async () => {
    refusals = [smtpReply(550, '5.1.1 no')];
    await forgot('ann');
    await expect.poll(messages).toMatchObject([{ status: 'failed', subject: 'Your verification code' }]);
    await forgot('ann');
    await expect.poll(messages).toMatchObject([{ status: 'sent' }, { status: 'failed' }]);
    const [failed, sent] = (await rows()).map(({ size }) => Number(size));
    // For an operator who has it sent again.
    expect(failed).toBeGreaterThan(PADDING.length);
    expect(sent).toBeLessThan(PADDING.length / 2);
    const [{ id }] = (await messages()).filter(({ status }) => status === 'failed') as [{ id: string }];
    const again = await house.operator(`messages/${id}/resend?userPoolId=${pool}`, {
      method: 'POST',
      headers: bearer(house.options.adminToken as string),
    });
    // The code in it was replaced: with that, nothing is left of it.
    expect(again.status).toBe(409);
    expect(Number((await rows())[0]?.['size'])).toBeLessThan(PADDING.length / 2);
    const resent = () => house.audit().findLast(({ operation }) => `${operation}`.endsWith('/resend'));
    await expect.poll(resent).toMatchObject({
      operation: 'POST /_poolkeeper/messages/:messageId/resend',
      userPoolId: pool,
      outcome: 'ConflictException',
    });
  });

  it('to nobody costs the database the same, and looks the same in it', async () => {
    await forgot('ann');
    await forgot('bob');
    await mailedCode();
    await expect
      .poll(async () => (await rows()).map(({ due_at }) => due_at), { timeout: 5000 })
      .toEqual([null, null]);
    const [real, simulated] = await rows();
    expect(simulated).toEqual(real);
    expect(house.mail.mails).toHaveLength(1);
    expect(await messages()).toHaveLength(1);
  });
});

it('has nothing secret in its log, whatever happens in a recovery', async () => {
  refusals = [smtpReply(451, `4.3.0 not now, ${ADDRESS}`)];
  const before = await signIn(PASSWORD);
  await forgot('ann');
  const code = await mailedCode();
  const confirm = (ConfirmationCode: string, Password: string) =>
    sdk.send(new ConfirmForgotPasswordCommand({ ...caller('ann'), ConfirmationCode, Password }));
  expect(await refusal(confirm(wrongCode(code), NEW_PASSWORD))).toMatch(/^CodeMismatchException/);
  expect(await refusal(confirm(code, 'short-word'))).toMatch(/^InvalidPasswordException/);
  await confirm(code, NEW_PASSWORD);
  expect(await refusal(signIn(PASSWORD))).toMatch(/^NotAuthorizedException/);
  const after = await signIn(NEW_PASSWORD);
  await house.operator('messages', { headers: { authorization: 'Bearer guessed-token' } });

  const tokens = [before, after].flatMap(({ AuthenticationResult }) => [
    AuthenticationResult?.AccessToken,
    AuthenticationResult?.IdToken,
    AuthenticationResult?.RefreshToken,
  ]);
  const { adminToken, masterKey } = house.options;
  const credentials = await sdk.config.credentials();
  const secrets = [code, PASSWORD, NEW_PASSWORD, 'short-word', ADDRESS, 'guessed-token', ...tokens].concat([
    adminToken,
    masterKey,
    credentials.secretAccessKey,
    client.ClientSecret,
    secretHash(client, 'ann'),
  ]);
  await expect.poll(() => house.log()).toContain('"outcome":"NotAuthorizedException"');
  expect(house.log()).toContain('Message not sent; it is tried again.');
  for (const secret of secrets) expect(house.log()).not.toContain(secret as string);
});
