import {
  type AttributeType,
  type RecoveryOptionType,
  UpdateUserPoolCommand,
  type UpdateUserPoolCommandInput,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { newName, type RecoveryCalls, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const NO_ADDRESS =
  'InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number';

const email = (address: string, verified = true): AttributeType[] => [
  { Name: 'email', Value: address },
  { Name: 'email_verified', Value: String(verified) },
];
const phone = (number: string, verified = true): AttributeType[] => [
  { Name: 'phone_number', Value: number },
  { Name: 'phone_number_verified', Value: String(verified) },
];

let house: House;
let pool: string;
let legacy: RecoveryCalls;
let hiding: RecoveryCalls;
beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  legacy = recoveryCalls(house, await house.createClient(pool));
  hiding = recoveryCalls(house, await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' }));
});
afterAll(() => house[Symbol.asyncDispose]());

describe('the destination is masked', () => {
  it.each([
    ['test@test.com', 't***@t***', 'V'],
    ['fixture@example.com', 'f***@e***', 'C'],
    ['a@b.example', 'a***@b***', 'I'],
    ['Long.Name+tag@sub.domain.example.org', 'L***@s***', 'I'],
  ])('%s is shown as %s [%s]', async (address, masked) => {
    const name = newName();
    await house.createUser(pool, name, email(address));
    expect((await legacy.forgot(name)).CodeDeliveryDetails).toEqual({
      AttributeName: 'email',
      DeliveryMedium: 'EMAIL',
      Destination: masked,
    });
  });

  it.each([
    ['+12065550008', '+*******0008', 'Q'],
    ['+442071831234', '+********1234', 'Q'],
    ['+3725551234', '+******1234', 'I'],
  ])('%s is shown as %s [%s]', async (number, masked) => {
    const name = newName();
    await house.createUser(pool, name, phone(number));
    expect((await legacy.forgot(name)).CodeDeliveryDetails).toEqual({
      AttributeName: 'phone_number',
      DeliveryMedium: 'SMS',
      Destination: masked,
    });
    expect((await house.messages(number))[0]).toMatchObject({ channel: 'SMS', subject: '' });
  });
});

describe('AccountRecoverySetting', () => {
  const both = (name: string) => [...email(`${name}@example.com`), ...phone('+12065550001')];
  const unproven = (name: string) => [...email(`${name}@example.com`), ...phone('+12065550001', false)];
  const EMAIL = 'verified_email';
  const PHONE = 'verified_phone_number';
  const first = (...names: RecoveryOptionType['Name'][]) => ({
    AccountRecoverySetting: {
      RecoveryMechanisms: names.map((Name, index) => ({ Name, Priority: index + 1 })),
    },
  });
  // UpdateUserPool without the member takes it away, so that one pool serves every row.
  const configure = (setting: object) =>
    house.sdk.send(
      new UpdateUserPoolCommand({ UserPoolId: pool, AutoVerifiedAttributes: ['email'], ...setting }),
    );

  it.each([
    ['absent: the phone first [D, Q]', {}, both, 'phone_number'],
    ['absent: the email where no phone is verified [D]', {}, unproven, 'email'],
    ['email alone [D]', first(EMAIL), both, 'email'],
    ['phone alone [D]', first(PHONE), both, 'phone_number'],
    ['email before phone [D]', first(EMAIL, PHONE), both, 'email'],
    ['phone before email [D]', first(PHONE, EMAIL), both, 'phone_number'],
    ['phone before email, phone unverified [D]', first(PHONE, EMAIL), unproven, 'email'],
    ['phone alone, phone unverified [D]', first(PHONE), unproven, NO_ADDRESS],
  ])('%s', async (_, setting, attributes, expected) => {
    await configure(setting);
    const name = newName();
    await house.createUser(pool, name, attributes(name));
    const outcome = await legacy.forgot(name).then(
      ({ CodeDeliveryDetails }) => CodeDeliveryDetails?.AttributeName,
      (error: Error) => `${error.name}: ${error.message}`,
    );
    expect(outcome).toBe(expected);
  });

  it('goes by Priority, not by the order of the list [D]', async () => {
    const [one, two] = first(EMAIL, PHONE).AccountRecoverySetting.RecoveryMechanisms;
    await configure({ AccountRecoverySetting: { RecoveryMechanisms: [two, one] } });
    const name = newName();
    await house.createUser(pool, name, both(name));
    expect((await legacy.forgot(name)).CodeDeliveryDetails?.AttributeName).toBe('email');
  });

  it('admin_only: nobody recovers alone, known or not [E]', async () => {
    await configure(first('admin_only'));
    const name = newName();
    await house.createUser(pool, name);
    for (const calls of [legacy, hiding]) {
      for (const who of [name, 'nobody']) {
        expect(await refusal(calls.forgot(who))).toBe(
          'NotAuthorizedException: Contact administrator to reset password.',
        );
      }
    }
    await configure({});
  });
});

describe("the pool's own words", () => {
  const messageOf = async (input: Partial<UpdateUserPoolCommandInput>, attributes: AttributeType[]) => {
    await house.sdk.send(new UpdateUserPoolCommand({ UserPoolId: pool, ...input }));
    const name = newName();
    await house.createUser(pool, name, attributes);
    await legacy.forgot(name);
    return (await house.messages(attributes[0]?.Value as string))[0];
  };

  it('are those of the verification template, by email and by SMS [I]', async () => {
    const VerificationMessageTemplate = {
      EmailSubject: 'For you',
      EmailMessage: 'Mail <b>{####}</b>',
      SmsMessage: 'Text {####}',
    };
    const mail = await messageOf({ VerificationMessageTemplate }, email('words@example.com'));
    expect(mail).toMatchObject({ subject: 'For you', body: `Mail <b>${mail?.code}</b>` });
    const text = await messageOf({ VerificationMessageTemplate }, phone('+12065550042'));
    expect(text).toMatchObject({ subject: '', body: `Text ${text?.code}` });
  });

  it('are those of the older members where there is no template [I]', async () => {
    const own = {
      EmailVerificationSubject: 'Older',
      EmailVerificationMessage: 'Old mail {####}',
      SmsVerificationMessage: 'Old text {####}',
    };
    const mail = await messageOf(own, email('older@example.com'));
    expect(mail).toMatchObject({ subject: 'Older', body: `Old mail ${mail?.code}` });
    const text = await messageOf(own, phone('+12065550043'));
    expect(text?.body).toBe(`Old text ${text?.code}`);
  });
});
