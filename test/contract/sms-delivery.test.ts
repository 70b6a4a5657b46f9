import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { assumed, formOf, published, queryError, signerOf } from '../support/aws-stand-in.ts';
import { type House, openHouse } from '../support/house.ts';
import { type MfaPool, newPhone, openMfaPool, recovery } from '../support/mfa-sign-in.ts';
import { poolCalls } from '../support/pool-calls.ts';
import { openProviderServer, type ProviderServer } from '../support/provider-server.ts';
import { newName, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const ROLE = 'arn:aws:iam::123456789012:role/sms';
const NOT_TRUSTED =
  'InvalidSmsRoleTrustRelationshipException: Role does not have a trust relationship allowing Cognito to assume the role';

let sts: ProviderServer;
let sns: ProviderServer;
let house: House;
let pool: MfaPool;
const { create, update, describePool } = poolCalls(() => house);

beforeAll(async () => {
  sts = await openProviderServer(assumed(1, Date.now() + 3_600_000));
  // The number that roles are tried out with is nobody's.
  sns = await openProviderServer((request) =>
    formOf(request)['PhoneNumber'] === '+00000000'
      ? queryError(400, 'InvalidParameter', 'Invalid parameter: PhoneNumber')
      : published('5e1b'),
  );
  house = await openHouse({ sms: `sns://us-east-1?endpoint=${sns.url}&sts-endpoint=${sts.url}` });
  pool = await openMfaPool(house, 'OPTIONAL', ['SMS_MFA'], recovery('verified_email'));
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await Promise.all([sns[Symbol.asyncDispose](), sts[Symbol.asyncDispose]()]);
});

/** What was published to a number, waiting for it, and that it was by the pool's role. */
async function textTo(phone: string): Promise<string> {
  const request = await vi.waitFor(
    () => {
      const found = sns.requests.find((sent) => formOf(sent)['PhoneNumber'] === phone);
      if (found === undefined) throw new Error(`Nothing was published to ${phone}.`);
      return found;
    },
    { timeout: 10_000, interval: 20 },
  );
  expect(signerOf(request)).toEqual({ key: 'ASIA1', region: 'us-east-1', service: 'sns' });
  return String(formOf(request)['Message']);
}

const codeIn = (text: string) => /\b\d{6}\b/.exec(text)?.[0] ?? '';

describe("by Amazon SNS, with the pool's role, come", () => {
  it('the code of a forgotten password, which sets a new one', async () => {
    const id = await create({
      AutoVerifiedAttributes: ['phone_number'],
      SmsConfiguration: { SnsCallerArn: ROLE, ExternalId: 'their-id' },
    });
    const calls = recoveryCalls(house, await house.createClient(id));
    const [name, phone] = [newName(), newPhone()];
    await house.createUser(id, name, [
      { Name: 'phone_number', Value: phone },
      { Name: 'phone_number_verified', Value: 'true' },
    ]);
    expect((await calls.forgot(name)).CodeDeliveryDetails).toMatchObject({ DeliveryMedium: 'SMS' });
    await calls.confirm(name, codeIn(await textTo(phone)));
    expect(sts.requests.map(formOf)).toContainEqual(
      expect.objectContaining({ RoleArn: ROLE, ExternalId: 'their-id' }),
    );
  });

  it('the code of a second factor, which signs in', async () => {
    const [name, phone] = [newName(), newPhone()];
    await pool.createUser(name, { phone_number: phone, phone_number_verified: 'true' });
    await pool.switchOn(name, ['SMS_MFA'], 'SMS_MFA');
    const met = await pool.begin(name);
    expect(met.ChallengeName).toBe('SMS_MFA');
    const answered = await pool.enter(name, met, codeIn(await textTo(phone)));
    expect(answered.AuthenticationResult).toBeDefined();
  });
});

describe('a role that cannot be assumed', () => {
  afterEach(() => sts.answerWith(assumed(1, Date.now() + 3_600_000)));
  const SmsConfiguration = { SnsCallerArn: `${ROLE}2`, ExternalId: 'x' };

  it('is refused by CreateUserPool, UpdateUserPool and SetUserPoolMfaConfig, which change nothing', async () => {
    sts.answerWith(queryError(403, 'AccessDenied'));
    expect(await refusal(create({ SmsConfiguration }))).toBe(NOT_TRUSTED);
    const before = await describePool(pool.id);
    expect(await refusal(update(pool.id, { SmsConfiguration }))).toBe(NOT_TRUSTED);
    expect(await refusal(pool.asks('ON', ['SMS_MFA']))).toBe(NOT_TRUSTED);
    expect(await describePool(pool.id)).toEqual(before);
  });

  it('that a pool has had for long keeps nobody from changing other things', async () => {
    sts.answerWith(queryError(403, 'AccessDenied'));
    const AdminCreateUserConfig = { AllowAdminCreateUserOnly: true };
    await update(pool.id, { AdminCreateUserConfig });
    expect(await describePool(pool.id)).toMatchObject({ AdminCreateUserConfig });
  });

  it('is taken where nobody can tell', async () => {
    sts.answerWith({ status: 503, body: '<html></html>' });
    await create({ SmsConfiguration });
  });
});

it('EumsSms is refused where no channel could do as it says, and which one could is told', async () => {
  const text =
    'InvalidParameterException: SmsConfiguration.EumsSms needs a channel of AWS End User Messaging: start Poolkeeper with --sms eum://us-east-1.';
  expect(await refusal(create({ SmsConfiguration: { EumsSms: { CallerArn: ROLE } } }))).toBe(text);
});
