import { fileURLToPath } from 'node:url';
import {
  AdminCreateUserCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  ForgotPasswordCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterEach, expect, it, vi } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { openFunctions } from '../support/functions.ts';
import { openKms } from '../support/kms-server.ts';
import { administratorSdk, openProductionHouse } from '../support/production-house.ts';

const KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/7d1a3f9e-0000-4000-8000-123456789012';
const SENDER = fileURLToPath(new URL('../support/functions/decrypting-sender.mjs', import.meta.url));
const SOURCE = 'CustomEmailSender_ForgotPassword';
const VALUE = 'a-value-of-client-metadata';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('in production neither the code nor ClientMetadata nor a text of the function is anywhere but in its event', async () => {
  const functions = await openFunctions();
  using kms = await openKms(KEY_ARN);
  const aws = { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any', AWS_ENDPOINT_URL_KMS: kms.url };
  for (const [name, value] of Object.entries({ ...aws, KEY_ARN, KEY_ID: KEY_ARN })) vi.stubEnv(name, value);
  await using house = await openProductionHouse({ kms: kms.url, function: `*=file:${SENDER}` });
  const sdk = await administratorSdk(house.options, house.url);

  const { UserPool } = await sdk.send(
    new CreateUserPoolCommand({
      PoolName: 'production',
      Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
      LambdaConfig: {
        CustomEmailSender: { LambdaArn: functions.arn('email'), LambdaVersion: 'V1_0' },
        KMSKeyID: KEY_ARN,
      },
    }),
  );
  const UserPoolId = UserPool?.Id;
  const { UserPoolClient } = await sdk.send(
    new CreateUserPoolClientCommand({ UserPoolId, ClientName: 'app' }),
  );
  await sdk.send(
    new AdminCreateUserCommand({
      UserPoolId,
      Username: 'ann',
      MessageAction: 'SUPPRESS',
      UserAttributes: attributeList({ email: 'ann@example.com', email_verified: 'true' }),
    }),
  );

  const seen: string[] = [];
  const look = async () => {
    const pages = ['messages', 'triggers'].map(async (path) => (await house.operator(path)).text());
    const metrics = fetch(`${house.url}/metrics`, {
      headers: { authorization: `Bearer ${house.options.adminToken}` },
    }).then((answer) => answer.text());
    const rows = (await house.database.rows('select * from messages')).map((row) =>
      Object.values(row)
        .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
        .join(' '),
    );
    const texts = await Promise.all([...pages, metrics]);
    expect(texts[0]).toContain(SOURCE);
    expect(texts[1]).toContain(SOURCE);
    expect(texts[2]).toContain('poolkeeper_trigger_duration_seconds');
    expect(rows.join()).toContain(SOURCE);
    seen.push(...texts, ...rows);
  };

  // As a careless one does: what it throws has in it what it was given.
  functions.does(SOURCE, (event) => ({ throws: JSON.stringify(event), errorType: 'Careless' }));
  const { ClientId } = UserPoolClient as { ClientId: string };
  await sdk.send(new ForgotPasswordCommand({ ClientId, Username: 'ann', ClientMetadata: { key: VALUE } }));
  const first = await vi.waitFor(() => functions.last(SOURCE), 10_000);
  await vi.waitFor(() => expect(house.log()).toContain('Careless'), 5000);
  await look();
  functions.reset();
  await vi.waitFor(
    async () =>
      expect(await (await house.operator('messages')).json()).toMatchObject({
        messages: [{ status: 'sent' }],
      }),
    { timeout: 10_000, interval: 50 },
  );
  await look();

  const { opened, request } = first as typeof first & { opened: { code: string } };
  expect(opened.code).toMatch(/^\d{6}$/);
  expect(request.clientMetadata).toEqual({ key: VALUE });
  const everything = [house.log(), ...seen].join('\n');
  expect(everything).not.toContain(VALUE);
  expect(everything).not.toContain(request.code.slice(0, 100));
  // Six digits may stand in an id by chance.
  expect(everything).not.toMatch(new RegExp(`(?<![\\w.-])${opened.code}(?![\\w.-])`));
  sdk.destroy();
  functions.close();
});
