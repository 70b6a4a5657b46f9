import { AdminCreateUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type FunctionHouse, openFunctionHouse } from '../support/functions.ts';
import { newName } from '../support/recovery-calls.ts';

let house: FunctionHouse;
let pool: string;
beforeAll(async () => {
  house = await openFunctionHouse();
  pool = await house.createPool({
    LambdaConfig: house.functions.config('CustomMessage'),
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
  });
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => house.functions.reset());

const addressOf = (name: string) => `${name}@example.com`;
const invite = (Username: string, more: object = {}) =>
  house.sdk.send(
    new AdminCreateUserCommand({
      UserPoolId: pool,
      Username,
      UserAttributes: attributeList({ email: addressOf(Username) }),
      TemporaryPassword: 'Passw0rd!temporary',
      DesiredDeliveryMediums: ['EMAIL'],
      ...more,
    }),
  );
const recentCalls = async () =>
  (await house.operator(`triggers?userPoolId=${pool}&limit=1`)) as {
    invocations: { outcome: string; reason: string | null }[];
  };
const messageTo = async (address: string) => (await house.messages(address))[0];

describe('an invitation', () => {
  const AdminCreateUser = 'CustomMessage_AdminCreateUser';

  it('has the username and the temporary password put in, which cannot become markup', async () => {
    house.functions.answer(AdminCreateUser, ({ request }) => ({
      emailMessage: `<b>${request.usernameParameter}</b> <i>${request.codeParameter}</i>`,
    }));
    const name = `<script>&${newName()}`;
    await invite(name, {
      TemporaryPassword: 'Passw0rd!<i>',
      UserAttributes: attributeList({ email: 'markup@example.com' }),
    });
    expect((await messageTo('markup@example.com'))?.body).toBe(
      `<b>&lt;script&gt;&amp;${name.slice(9)}</b> <i>Passw0rd!&lt;i&gt;</i>`,
    );
  });

  it.each([
    ['without the username', { emailMessage: '{####}' }],
    ['without the password', { emailMessage: '{username}' }],
    ['that is empty', { emailMessage: '' }],
    ['that is too long', { emailMessage: `{username}{####}${'x'.repeat(20_000)}` }],
  ])('%s is the pool’s own, without an error [developer guide #31]', async (_, response) => {
    house.functions.answer(AdminCreateUser, { ...response, emailSubject: 'Mine' });
    const name = newName();
    await invite(name);
    const message = await messageTo(addressOf(name));
    expect(message?.body).toMatch(new RegExp(`^Your username is ${name} and temporary password is .+\\.$`));
    expect(message?.subject).toBe('Your temporary password');
    const { invocations } = await recentCalls();
    expect(invocations[0]).toMatchObject({ outcome: 'ok', reason: expect.stringContaining('own message') });
  });

  it.each([
    ['is shaped when it names the user', 'Hello {username}', (name: string) => `Hello ${name}`],
    [
      'is the pool’s own when it speaks of one',
      '{username} {####}',
      (name: string) => `Your username is ${name}.`,
    ],
  ])('to a user without a password %s', async (_, emailMessage, expected) => {
    house.functions.answer(AdminCreateUser, { emailMessage });
    const name = newName();
    await invite(name, { TemporaryPassword: undefined });
    expect((await messageTo(addressOf(name)))?.body).toBe(expected(name));
  });

  it('by both channels is shaped for each', async () => {
    house.functions.answer(AdminCreateUser, {
      smsMessage: 'SMS {username} {####}',
      emailMessage: 'Mail {username} {####}',
    });
    const name = newName();
    await invite(name, {
      DesiredDeliveryMediums: ['SMS', 'EMAIL'],
      UserAttributes: attributeList({ email: addressOf(name), phone_number: '+12065550113' }),
    });
    expect((await messageTo(addressOf(name)))?.body).toMatch(/^Mail /);
    expect((await messageTo('+12065550113'))?.body).toMatch(/^SMS /);
  });
});
