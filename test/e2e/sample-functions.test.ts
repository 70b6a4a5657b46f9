import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import {
  ConfirmForgotPasswordCommand,
  ForgotPasswordCommand,
  InitiateAuthCommand,
  type LambdaConfigType,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';

const arn = (name: string) => `arn:aws:lambda:us-east-1:123456789012:function:${name}`;
const sample = (name: string) =>
  `${arn(name)}=file:${fileURLToPath(new URL(`../../examples/functions/${name}.ts`, import.meta.url))}`;
const KEY_ARN = 'arn:aws:kms:us-east-1:123456789012:key/6d5ba4b6-1f2c-4b0f-8d5c-2f4a5b1f3c77';

let world: Awaited<ReturnType<typeof openWorld>>;
let house: House;

beforeAll(async () => {
  world = await openWorld();
  house = await openHouse({
    function: [
      'custom-message',
      'user-migration',
      'custom-email-sender',
      'pre-sign-up',
      'pre-token-generation',
    ].map(sample),
  });
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  world.close();
});

/** What the samples talk to: another directory that knows Bob, and a mail provider. */
async function openWorld() {
  const mails: { to: string; subject: string; text: string }[] = [];
  const server = createServer(async (request, response) => {
    const asked = JSON.parse(await text(request));
    if (request.url === '/send') mails.push(asked);
    else if (asked.username !== 'bob') return response.writeHead(404).end();
    else if (request.url === '/sign-in' && asked.password !== PASSWORD) return response.writeHead(401).end();
    return response.end(JSON.stringify({ email: 'bob@example.com', name: 'Bob' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const name of ['DIRECTORY_URL', 'MAIL_API_URL']) vi.stubEnv(name, url);
  vi.stubEnv('KEY_ARN', KEY_ARN);
  return {
    mails,
    close() {
      vi.unstubAllEnvs();
      server.close();
      server.closeAllConnections();
    },
  };
}

async function openPool(LambdaConfig: LambdaConfigType) {
  const poolId = await house.createPool({ LambdaConfig });
  const { ClientId } = await house.createClient(poolId);
  return {
    poolId,
    forgot: (Username: string, ClientMetadata?: Record<string, string>) =>
      house.sdk.send(new ForgotPasswordCommand({ ClientId, Username, ClientMetadata })),
    confirm: (Username: string, ConfirmationCode: string) =>
      house.sdk.send(
        new ConfirmForgotPasswordCommand({ ClientId, Username, ConfirmationCode, Password: NEW_PASSWORD }),
      ),
    signUp: (Username: string) =>
      house.sdk.send(
        new SignUpCommand({
          ClientId,
          Username,
          Password: PASSWORD,
          UserAttributes: [{ Name: 'email', Value: `${Username}@example.com` }],
        }),
      ),
    signIn: async (USERNAME: string, password: string) => {
      const { AuthenticationResult } = await house.sdk.send(
        new InitiateAuthCommand({
          ClientId,
          AuthFlow: 'USER_PASSWORD_AUTH',
          AuthParameters: { USERNAME, PASSWORD: password },
        }),
      );
      return AuthenticationResult;
    },
  };
}

test('custom-message shapes the mail of a forgotten password, in the language of the app', async () => {
  const { poolId, forgot } = await openPool({ CustomMessage: arn('custom-message') });
  await house.createUser(poolId, 'ann', [
    { Name: 'email', Value: 'ann@example.com' },
    { Name: 'email_verified', Value: 'true' },
    { Name: 'given_name', Value: 'Ann <3' },
  ]);

  await forgot('ann', { language: 'de' });
  await forgot('ann');

  const [english, german] = await house.messages('ann@example.com');
  expect(german).toMatchObject({
    subject: 'Ihr neues Passwort',
    body: `<p>Hallo Ann &#60;3, Ihr Code ist <b>${german?.code}</b>.</p>`,
  });
  expect(english?.subject).toBe('Your new password');
});

test('user-migration brings users along: by their password, or without it when they forgot it', async () => {
  const { forgot, confirm, signIn } = await openPool({ UserMigration: arn('user-migration') });

  await expect(signIn('bob', 'Wr0ng!password')).rejects.toMatchObject({
    name: 'UserLambdaValidationException',
    message: 'UserMigration failed with error Bad password.',
  });
  await expect(signIn('nobody', PASSWORD)).rejects.toMatchObject({ name: 'UserNotFoundException' });

  await forgot('bob');
  await confirm('bob', await house.code('bob@example.com'));
  expect(await signIn('bob', NEW_PASSWORD)).toBeDefined();
});

test('custom-email-sender decrypts the code, and sends the mail in place of the server', async () => {
  const { poolId, forgot, confirm, signIn } = await openPool({
    CustomEmailSender: { LambdaVersion: 'V1_0', LambdaArn: arn('custom-email-sender') },
    KMSKeyID: KEY_ARN,
  });
  await house.createUser(poolId, 'carl');

  await forgot('carl');

  await vi.waitFor(() => expect(world.mails).toHaveLength(1), { timeout: 10_000 });
  const [mail] = world.mails;
  expect(mail).toMatchObject({ to: 'carl@example.com', subject: 'Your new password' });
  await confirm('carl', /code is (\d{6})\./.exec(mail?.text ?? '')?.[1] ?? '');
  expect(await signIn('carl', NEW_PASSWORD)).toBeDefined();
});

test('pre-sign-up lets one in, and pre-token-generation tells more in both tokens', async () => {
  const { signUp, signIn } = await openPool({
    PreSignUp: arn('pre-sign-up'),
    PreTokenGenerationConfig: { LambdaVersion: 'V2_0', LambdaArn: arn('pre-token-generation') },
  });

  expect((await signUp('dora')).UserConfirmed).toBe(true);

  const tokens = await signIn('dora', PASSWORD);
  expect(decodeJwt(tokens?.IdToken as string)['tenant']).toBe('none');
  expect(decodeJwt(tokens?.AccessToken as string)).toMatchObject({
    tenant: 'none',
    scope: 'aws.cognito.signin.user.admin tenant/none',
  });
});
