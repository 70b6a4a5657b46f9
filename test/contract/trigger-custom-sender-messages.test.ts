import { fileURLToPath } from 'node:url';
import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminInitiateAuthCommand,
  AdminRespondToAuthChallengeCommand,
  ForgotPasswordCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
  UpdateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { openFunctions, type TestFunctions, type TriggerEvent } from '../support/functions.ts';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { newName, recoveryCalls } from '../support/recovery-calls.ts';

const KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/7d1a3f9e-0000-4000-8000-123456789012';
const SENDER = fileURLToPath(new URL('../support/functions/decrypting-sender.mjs', import.meta.url));
const ForgotPassword = 'CustomEmailSender_ForgotPassword';

let functions: TestFunctions;
let house: House;
let pool: string;
let ClientId: string;
beforeAll(async () => {
  process.env['KEY_ARN'] = KEY_ARN;
  process.env['KEY_ID'] = KEY_ARN.slice(KEY_ARN.indexOf('/') + 1);
  functions = await openFunctions();
  house = await openHouse({ function: `*=file:${SENDER}` });
  pool = await house.createPool({
    LambdaConfig: senders(),
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
  });
  ({ ClientId } = await house.createClient(pool, { ExplicitAuthFlows: ['ALLOW_USER_AUTH'] }));
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  functions.close();
});
beforeEach(() => functions.reset());

const senders = () => ({
  CustomEmailSender: { LambdaArn: functions.arn('email'), LambdaVersion: 'V1_0' as const },
  KMSKeyID: KEY_ARN,
});

interface User {
  readonly name: string;
  readonly email: string;
}

/** A user with a verified address, to whom no message went. */
async function newUser(): Promise<User> {
  const name = newName();
  const email = `${name}@example.com`;
  const UserAttributes = attributeList({ email, email_verified: 'true' });
  const user = { UserPoolId: pool, Username: name, UserAttributes };
  await house.sdk.send(new AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS' }));
  return { name, email };
}

/** The only message that was sent with this source, and the code that the function decrypted. */
async function sent(source: string): Promise<TriggerEvent & { opened: { code: string } | null }> {
  const found = await vi.waitFor(
    () => {
      const [event] = functions.events(source);
      expect(event).toBeDefined();
      return event;
    },
    { timeout: 10_000, interval: 10 },
  );
  expect(functions.events(source)).toHaveLength(1);
  return found as TriggerEvent & { opened: { code: string } | null };
}

const shown = async ({ email }: User) => (await house.messages(email))[0];
const forgot = ({ name }: User, ClientMetadata?: Record<string, string>) =>
  house.sdk.send(new ForgotPasswordCommand({ ClientId, Username: name, ClientMetadata }));
const CLIENT_METADATA = { tenant: 'a tenant' };

describe('ClientMetadata', () => {
  /** The event of the code that a right password asks for. */
  async function secondFactor(admin: boolean): ReturnType<typeof sent> {
    const user = await newUser();
    const flow = { AuthFlow: 'USER_AUTH', AuthParameters: { USERNAME: user.name } } as const;
    const answer = { ChallengeName: 'SELECT_CHALLENGE', ClientMetadata: CLIENT_METADATA } as const;
    const ChallengeResponses = { USERNAME: user.name, ANSWER: 'EMAIL_OTP' };
    if (admin) {
      const input = { UserPoolId: pool, ClientId };
      const { Session } = await house.sdk.send(new AdminInitiateAuthCommand({ ...input, ...flow }));
      await house.sdk.send(
        new AdminRespondToAuthChallengeCommand({ ...input, ...answer, Session, ChallengeResponses }),
      );
    } else {
      const { Session } = await house.sdk.send(new InitiateAuthCommand({ ClientId, ...flow }));
      await house.sdk.send(
        new RespondToAuthChallengeCommand({ ClientId, ...answer, Session, ChallengeResponses }),
      );
    }
    return sent('CustomEmailSender_Authentication');
  }

  it.each([
    ['RespondToAuthChallenge', false],
    ['AdminRespondToAuthChallenge', true],
  ])('of %s reaches the function', async (_, admin) => {
    expect((await secondFactor(admin)).request.clientMetadata).toEqual(CLIENT_METADATA);
  });

  it('is kept until the message has left, sealed, and no longer', async () => {
    const user = await newUser();
    await forgot(user, { 'a-key': 'a-secret-value' });
    await sent(ForgotPassword);
    await vi.waitFor(async () => expect((await shown(user))?.status).toBe('sent'));
    expect(JSON.stringify(await shown(user))).not.toMatch(/a-key|a-secret-value/);
  });
});

describe('a function that fails', () => {
  it('is called again, a second later and then ever more seldom, and operators do not hear its text', async () => {
    const user = await newUser();
    functions.fail(ForgotPassword, 'The secret of the function', 'MailIsDown');
    await forgot(user);
    await sent(ForgotPassword);
    await vi.waitFor(async () =>
      expect(await shown(user)).toMatchObject({
        status: 'queued',
        attempts: 1,
        triggerSource: ForgotPassword,
        lastError: "The pool's CustomEmailSender function ended with an error.",
      }),
    );
    const { invocations } = (await house.operator(`triggers?triggerSource=${ForgotPassword}&limit=1`)) as {
      invocations: object[];
    };
    expect(invocations).toMatchObject([
      { trigger: 'CustomEmailSender', outcome: 'threw', reason: 'MailIsDown', attempts: 1 },
    ]);
    functions.reset();
    await house.advance('PT2S');
    const { opened } = await sent(ForgotPassword);
    await vi.waitFor(async () => expect(await shown(user)).toMatchObject({ status: 'sent', attempts: 2 }));
    expect(opened?.code).toBe((await shown(user))?.code);
  });

  it('is not called any more once the code has expired', async () => {
    const user = await newUser();
    functions.fail(ForgotPassword, 'Never.');
    await forgot(user);
    await sent(ForgotPassword);
    await vi.waitFor(async () => expect((await shown(user))?.attempts).toBe(1));
    functions.reset();
    await house.advance('PT61M');
    await vi.waitFor(async () => expect((await shown(user))?.status).toBe('failed'), 5000);
    expect(functions.events()).toEqual([]);
  });

  it.each([
    ['answers nothing', { returnsNothing: true }],
    ['answers what it likes', { returns: 'Sent!' }],
  ])('is none that %s', async (_, behaviour) => {
    const user = await newUser();
    functions.does(ForgotPassword, behaviour);
    await forgot(user);
    await vi.waitFor(async () => expect((await shown(user))?.status).toBe('sent'));
  });

  it('may end its process: operators read what became of it', async () => {
    const user = await newUser();
    functions.does(ForgotPassword, { exits: 3 });
    await forgot(user);
    await vi.waitFor(async () => expect((await shown(user))?.lastError).toMatch(/CustomEmailSender/));
    functions.reset();
    await house.advance('PT2S');
    await vi.waitFor(async () => expect((await shown(user))?.status).toBe('sent'));
  });
});

it('no function is called for somebody who does not exist or may not recover, and the answer is as for who does', async () => {
  const { ClientId: hiding } = await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' });
  const user = await newUser();
  const to = (Username: string) => house.sdk.send(new ForgotPasswordCommand({ ClientId: hiding, Username }));
  const nobody = await to('nobody-at-all');
  expect(nobody.CodeDeliveryDetails?.DeliveryMedium).toBeDefined();
  const disabled = await newUser();
  await house.sdk.send(new AdminDisableUserCommand({ UserPoolId: pool, Username: disabled.name }));
  expect((await to(disabled.name)).CodeDeliveryDetails?.DeliveryMedium).toBeDefined();
  await to(user.name);
  await sent(ForgotPassword);
  // Long enough for a call of another process.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(functions.events()).toHaveLength(1);
});

it('a code that was used or replaced before it could leave is not sent', async () => {
  const user = await newUser();
  functions.fail(ForgotPassword, 'Not now.');
  await forgot(user);
  await sent(ForgotPassword);
  await vi.waitFor(async () => expect((await shown(user))?.attempts).toBe(1));
  const first = (await shown(user))?.code;
  await recoveryCalls(house, { ClientId }).confirm(user.name, first as string, NEW_PASSWORD);
  functions.reset();
  await house.advance('PT2S');
  await vi.waitFor(async () => expect((await shown(user))?.status).toBe('failed'));
  expect(functions.events()).toEqual([]);
});

it('a pool whose sender was taken away sends by its channel again', async () => {
  const other = await house.createPool({ LambdaConfig: senders() });
  const { ClientId: client } = await house.createClient(other);
  await house.sdk.send(new UpdateUserPoolCommand({ UserPoolId: other, AutoVerifiedAttributes: ['email'] }));
  await house.sdk.send(
    new SignUpCommand({
      ClientId: client,
      Username: 'plain',
      Password: PASSWORD,
      UserAttributes: attributeList({ email: 'plain@example.com' }),
    }),
  );
  expect(await house.messages('plain@example.com')).toMatchObject([
    { status: 'sent', triggerSource: 'CustomMessage_SignUp' },
  ]);
  expect(functions.events()).toEqual([]);
});
