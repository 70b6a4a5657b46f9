import { setTimeout } from 'node:timers/promises';
import {
  AdminCreateUserCommand,
  AdminUpdateUserAttributesCommand,
  ForgotPasswordCommand,
  ResendConfirmationCodeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type FunctionHouse, openFunctionHouse } from '../support/functions.ts';
import { newName, type RecoveryCalls, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const ForgotPassword = 'CustomMessage_ForgotPassword';
const LIMITED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';

let house: FunctionHouse;
let pool: string;
let HidingId: string;
let calls: RecoveryCalls;
beforeAll(async () => {
  house = await openFunctionHouse();
  pool = await house.createPool({
    AutoVerifiedAttributes: ['email'],
    LambdaConfig: house.functions.config('CustomMessage'),
    // Users without a password: none is hashed for them.
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
  });
  calls = recoveryCalls(house, await house.createClient(pool));
  HidingId = (await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' })).ClientId;
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => house.functions.reset());

const addressOf = (name: string) => `${name}@example.com`;
async function newUser(UserPoolId = pool, verified = 'true') {
  const name = newName();
  const UserAttributes = attributeList({ email: addressOf(name), email_verified: verified });
  await house.sdk.send(
    new AdminCreateUserCommand({ UserPoolId, Username: name, UserAttributes, MessageAction: 'SUPPRESS' }),
  );
  return name;
}
const attemptsAnHour = (UserPoolId: string, attemptsPerHour: number) =>
  house.operator(`pools/${UserPoolId}/settings`, { method: 'PUT', json: { recovery: { attemptsPerHour } } });

describe('while a function runs', () => {
  it('nothing is held: others change the same user meanwhile', async () => {
    house.functions.does(ForgotPassword, { waits: 400 });
    const name = await newUser();
    let sent = false;
    const sending = calls.forgot(name).then(() => {
      sent = true;
    });
    // The function's first process starts with this call.
    await expect
      .poll(() => house.functions.events(ForgotPassword).length, { timeout: 10_000, interval: 10 })
      .toBe(1);
    await house.sdk.send(
      new AdminUpdateUserAttributesCommand({
        UserPoolId: pool,
        Username: name,
        UserAttributes: attributeList({ given_name: 'Ann' }),
      }),
    );
    expect(sent).toBe(false);
    await sending;
  });

  it('20 requests at once send no more codes than the limit allows, and the newest one is good', async () => {
    const name = await newUser();
    house.functions.answer(ForgotPassword, { emailMessage: 'Yours: {####}' });
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => calls.forgot(name)));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused.map(({ name: type, message }) => `${type}: ${message}`)).toEqual(Array(15).fill(LIMITED));
    const messages = await house.messages(addressOf(name), 0);
    expect(messages).toHaveLength(5);
    for (const { body, code } of messages) expect(body).toBe(`Yours: ${code}`);

    // Entering codes shares the count of the hour.
    await house.advance('PT59M');
    await attemptsAnHour(pool, 50);
    const good: string[] = [];
    for (const { code } of messages.toReversed()) {
      if (
        await calls.confirm(name, code).then(
          () => true,
          () => false,
        )
      )
        good.push(code);
    }
    expect(good).toEqual([messages[0]?.code]);
    await attemptsAnHour(pool, 5);
    await house.operator('clock', { method: 'POST', json: { reset: true } });
  });
});

describe('calls for the messages of one user', () => {
  it('that fail are twenty an hour: a stranger cannot have it called without end', async () => {
    const name = await newUser();
    house.functions.fail(ForgotPassword, 'No');
    const FAILED = 'UserLambdaValidationException: CustomMessage failed with error No.';
    for (let call = 0; call < 20; call++) expect(await refusal(calls.forgot(name))).toBe(FAILED);
    expect(await refusal(calls.forgot(name))).toBe(LIMITED);
    expect(house.functions.events()).toHaveLength(20);
    const other = await newUser();
    expect(await refusal(calls.forgot(other))).toBe(FAILED);

    house.functions.reset();
    await house.advance('PT61M');
    await calls.forgot(name);
    await house.operator('clock', { method: 'POST', json: { reset: true } });
  });

  it('are twenty at a time, however many ask at once', async () => {
    const name = await newUser();
    house.functions.does(ForgotPassword, { waits: 100 });
    await Promise.allSettled(Array.from({ length: 60 }, () => calls.forgot(name)));
    expect(house.functions.events().length).toBeLessThanOrEqual(20);
    expect(await house.messages(addressOf(name), 0)).toHaveLength(5);
  });

  it('that succeed are not counted', async () => {
    const name = await newUser();
    await attemptsAnHour(pool, 50);
    for (let call = 0; call < 25; call++) await calls.forgot(name);
    await attemptsAnHour(pool, 5);
  });
});

describe('where the client hides who exists', () => {
  it('the function hears of nobody, and their answer takes as long', async () => {
    const hiding = await house.createPool({
      LambdaConfig: { CustomMessage: house.functions.arn('slow') },
    });
    const client = await house.createClient(hiding, { PreventUserExistenceErrors: 'ENABLED' });
    const name = newName();
    await house.createUser(hiding, name);
    house.functions.does(ForgotPassword, { waits: 200 });
    const slow = recoveryCalls(house, client);
    const took = async (Username: string) => {
      const began = performance.now();
      await slow.forgot(Username);
      return performance.now() - began;
    };
    expect(await took(name)).toBeGreaterThan(200);
    expect(await took('nobody')).toBeGreaterThan(190);
    expect(house.functions.events()).toHaveLength(1);
  });

  it('nor does it hear of a user who gets no message', async () => {
    const unverified = newName();
    await house.createUser(pool, unverified, attributeList({ email: addressOf(unverified) }));
    const confirmed = await newUser();
    for (const command of [
      new ForgotPasswordCommand({ ClientId: HidingId, Username: unverified }),
      new ResendConfirmationCodeCommand({ ClientId: HidingId, Username: confirmed }),
    ]) {
      const { CodeDeliveryDetails } = await house.sdk.send(command as ForgotPasswordCommand);
      expect(CodeDeliveryDetails).toBeDefined();
    }
    expect(house.functions.events()).toEqual([]);
  });

  it('shapes the message of who gets one only by now', async () => {
    const LambdaConfig = { CustomMessage: house.functions.arn('other') };
    const hiding = await house.createPool({
      LambdaConfig,
      Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
    });
    const client = await house.createClient(hiding, { PreventUserExistenceErrors: 'ENABLED' });
    house.functions.does(ForgotPassword, { waits: 300, response: { emailMessage: 'Yours: {####}' } });
    const { forgot } = recoveryCalls(house, client);
    await forgot(await newUser(hiding));
    const name = await newUser(hiding, 'false');
    const asking = forgot(name);
    await setTimeout(100);
    const UserAttributes = attributeList({ email_verified: 'true' });
    await house.sdk.send(
      new AdminUpdateUserAttributesCommand({ UserPoolId: hiding, Username: name, UserAttributes }),
    );
    await asking;
    const [message] = await house.messages(addressOf(name));
    expect(message?.body).toMatch(/^Yours: /);
  });
});
