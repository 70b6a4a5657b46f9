import { AdminCreateUserCommand, SignUpCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type FunctionHouse, openFunctionHouse } from '../support/functions.ts';
import { PASSWORD } from '../support/house.ts';
import { newName, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { fates, invite as inviteBySms, nextDayAt, outcomesIn } from '../support/sms-house.ts';
import { firstFactors } from '../support/user-auth.ts';

const LIMITED =
  'LimitExceededException: Exceeded daily email limit for the operation or the account. If a higher limit is required, please configure your user pool to use your own Amazon SES configuration for sending email.';

let house: FunctionHouse;
beforeAll(async () => {
  house = await openFunctionHouse({ messageCaps: ['off', 'EmailDay=3'], smsSandbox: true });
});
afterAll(() => house[Symbol.asyncDispose]());

/** Users without a password: an invitation costs no hash. */
const openPool = (more: object = {}) =>
  house.createPool({ ...firstFactors('PASSWORD', 'EMAIL_OTP'), ...more });
function invite(UserPoolId: string, Username = newName()) {
  const UserAttributes = attributeList({ email: `${Username}@example.com`, email_verified: 'true' });
  return house.sdk.send(
    new AdminCreateUserCommand({ UserPoolId, Username, DesiredDeliveryMediums: ['EMAIL'], UserAttributes }),
  );
}
const outcome = (call: Promise<unknown>) =>
  call.then(
    () => 'ok',
    (error: Error) => `${error.name}: ${error.message}`,
  );

it('all pools of COGNITO_DEFAULT share a day, which ends at 09:00 UTC; administrators count as well', async () => {
  const [pool, other] = [await openPool(), await openPool()];
  await nextDayAt(house, 9);
  await invite(pool);
  await invite(other);
  await invite(pool);
  expect(await refusal(invite(other))).toBe(LIMITED);
  await nextDayAt(house, 8);
  expect(await refusal(invite(other))).toBe(LIMITED);
  await house.advance('PT1H');
  await invite(other);
});

it('a request beyond it leaves nothing behind, and does not count', async () => {
  const pool = await openPool();
  const { ClientId } = await house.createClient(pool);
  await nextDayAt(house, 10);
  for (let time = 0; time < 3; time += 1) await invite(pool);
  const Username = newName();
  const UserAttributes = attributeList({ email: `${Username}@example.com` });
  const signUp = new SignUpCommand({ ClientId, Username, Password: PASSWORD, UserAttributes });
  expect(await refusal(house.sdk.send(signUp))).toBe(LIMITED);
  expect(await house.messages(`${Username}@example.com`, 0)).toEqual([]);
  await nextDayAt(house, 10);
  await house.sdk.send(signUp);
  expect(await house.messages(`${Username}@example.com`)).toHaveLength(1);
});

it('exactly so many leave of requests that come at once', async () => {
  const [pool, other] = [await openPool(), await openPool()];
  await nextDayAt(house, 10);
  const said = await Promise.all(
    Array.from({ length: 12 }, (_, index) => outcome(invite(index % 2 === 0 ? pool : other))),
  );
  expect(said.filter((one) => one === 'ok')).toHaveLength(3);
  expect(said.filter((one) => one === LIMITED)).toHaveLength(9);
});

it('tells nobody apart: a code for nobody counts as any', async () => {
  // Nobody's code goes by email where users have nothing else.
  const pool = await openPool({ AutoVerifiedAttributes: ['email'] });
  const client = await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' });
  const { forgot } = recoveryCalls(house, client);
  await nextDayAt(house, 10);
  const known = newName();
  await invite(pool, known);
  expect(await outcome(forgot('nobody'))).toBe('ok');
  expect(await outcome(forgot(known))).toBe('ok');
  for (const who of ['nobody', known]) expect(await outcome(forgot(who))).toBe(LIMITED);
});

it('is none of the pools that send by their own identity', async () => {
  const pool = await openPool({
    EmailConfiguration: {
      EmailSendingAccount: 'DEVELOPER',
      SourceArn: 'arn:aws:ses:us-east-1:123456789012:identity/no-reply@example.com',
    },
  });
  await nextDayAt(house, 10);
  for (let time = 0; time < 4; time += 1) await invite(pool);
  const plain = await openPool();
  for (let time = 0; time < 3; time += 1) await invite(plain);
  expect(await refusal(invite(plain))).toBe(LIMITED);
  await invite(pool);
  const metrics = await (await fetch(`${house.url}/metrics`)).text();
  expect(metrics).toMatch(/poolkeeper_limited_total\{limit="EmailDay"\} \d/);
});

it("is none of a function's that sends in place of a channel, and neither are the rules for SMS", async () => {
  const sender = (name: string) => ({ LambdaArn: house.functions.arn(name), LambdaVersion: 'V1_0' as const });
  const pool = await house.createPool({
    ...firstFactors('PASSWORD', 'EMAIL_OTP', 'SMS_OTP'),
    LambdaConfig: {
      CustomEmailSender: sender('email'),
      CustomSMSSender: sender('sms'),
      KMSKeyID: 'arn:aws:kms:eu-west-1:123456789012:key/7d1a3f9e-0000-4000-8000-123456789012',
    },
  });
  await nextDayAt(house, 10);
  for (let time = 0; time < 4; time += 1) await invite(pool);
  await inviteBySms(house, pool, '+12065550100');
  expect(fates(await outcomesIn(house, pool, 5))).toEqual(['sent', 'sent', 'sent', 'sent', 'sent']);
});
