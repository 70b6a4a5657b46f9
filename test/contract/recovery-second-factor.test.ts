import {
  AdminResetUserPasswordCommand,
  ConfirmForgotPasswordCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { openMailServer } from '../support/mail-server.ts';
import { type Authenticator, type SecondFactor, setPoolFactors } from '../support/mfa.ts';
import { type MfaPool, newPhone, otherCode } from '../support/mfa-sign-in.ts';
import { type RecoveryCalls, recoveryCalls } from '../support/recovery-calls.ts';
import {
  ALL_FACTORS,
  changeSettings,
  codesTo,
  createReachable,
  openRecoveryPool,
  type Reachable,
} from '../support/recovery-mfa.ts';
import { refusal } from '../support/refusal.ts';

const NO_ADDRESS =
  'InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number';
const MISMATCH = 'CodeMismatchException: Invalid verification code provided, please try again.';
const EXPIRED = 'ExpiredCodeException: Invalid code provided, please request a code again.';
const USED = 'ExpiredCodeException: Your software token has already been used once.';
const LIMITED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';
const missing = (keys: string) =>
  `InvalidParameterException: A second factor is needed to reset the password: send ${keys} in ClientMetadata.`;

const APP = 'SOFTWARE_TOKEN_MFA';
let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

describe('recovery.secondFactor', () => {
  let pool: MfaPool;
  let calls: RecoveryCalls;
  let user: Reachable;
  beforeAll(async () => {
    ({ pool, calls } = await openRecoveryPool(house));
    await changeSettings(house, pool, { recovery: { secondFactor: true } });
  });
  beforeEach(async () => {
    user = await createReachable(pool);
  });

  const confirm = (
    code: string | undefined,
    ClientMetadata?: Record<string, string>,
    Password = NEW_PASSWORD,
  ) =>
    house.sdk.send(
      new ConfirmForgotPasswordCommand({
        ClientId: pool.client.ClientId,
        Username: user.name,
        ConfirmationCode: code as string,
        Password,
        ClientMetadata,
      }),
    );
  const byApp = (code: string) => ({ SOFTWARE_TOKEN_MFA_CODE: code });
  /** Gives the user an app that the next sign-in asks for. */
  async function preferApp(): Promise<Authenticator> {
    const app = await pool.setUpApp(user.name);
    await pool.switchOn(user.name, [APP], APP);
    return app;
  }
  const prefer = (factor: SecondFactor) => pool.switchOn(user.name, [factor], factor);
  /** Asks for a reset; the codes that came of it by email and by SMS. */
  async function forgot() {
    await calls.forgot(user.name);
    return { email: await codesTo(house, user.email), phone: await codesTo(house, user.phone) };
  }
  const passwordIs = (password: string) => calls.signIn(user.name, password);

  it('is off by default: the code alone resets, as on Amazon Cognito', async () => {
    const other = await openRecoveryPool(house);
    ({ name: user.name } = await createReachable(other.pool));
    user.email = `${user.name}@example.com`;
    await other.pool.setUpApp(user.name);
    await other.pool.switchOn(user.name, [APP], APP);
    await other.calls.forgot(user.name);
    await other.calls.confirm(user.name, (await codesTo(house, user.email)).reset as string);
    expect((await other.calls.signIn(user.name, NEW_PASSWORD)).ChallengeName).toBe(APP);
  });

  describe('takes, besides the reset code,', () => {
    it('the code of the authenticator app', async () => {
      const app = await preferApp();
      const { email, phone } = await forgot();
      expect(phone).toEqual({ reset: undefined, factor: undefined });
      await confirm(email.reset, byApp(await app.code()));
      await passwordIs(NEW_PASSWORD);
    });

    it('the code that was sent by SMS together with the reset code by email', async () => {
      await prefer('SMS_MFA');
      const { email, phone } = await forgot();
      expect((await house.messages(user.phone))[0]).toMatchObject({
        channel: 'SMS',
        username: user.name,
        triggerSource: 'CustomMessage_Authentication',
        body: `Your authentication code is ${phone.factor}. `,
      });
      expect([email.factor, phone.reset]).toEqual([undefined, undefined]);
      await confirm(email.reset, { SMS_MFA_CODE: phone.factor as string });
      await passwordIs(NEW_PASSWORD);
    });

    it('the code that was sent by email together with the reset code by SMS', async () => {
      await prefer('EMAIL_OTP');
      const { email, phone } = await forgot();
      await confirm(phone.reset, { EMAIL_OTP_CODE: email.factor as string });
      await passwordIs(NEW_PASSWORD);
    });

    it('of several factors the app', async () => {
      const app = await pool.setUpApp(user.name);
      await pool.switchOn(user.name, ALL_FACTORS);
      const { email, phone } = await forgot();
      expect([email.factor, phone.factor]).toEqual([undefined, undefined]);
      await confirm(email.reset, byApp(await app.code()));
      await passwordIs(NEW_PASSWORD);
    });

    it('of several factors that are sent the one that goes another way than the reset code', async () => {
      await pool.switchOn(user.name, ['SMS_MFA', 'EMAIL_OTP']);
      const { email, phone } = await forgot();
      expect([email.factor, phone.reset]).toEqual([undefined, undefined]);
      expect(await refusal(confirm(email.reset, { EMAIL_OTP_CODE: email.reset as string }))).toBe(
        missing('SMS_MFA_CODE'),
      );
      await confirm(email.reset, { SMS_MFA_CODE: phone.factor as string });
    });

    it('nothing of who has no factor', async () => {
      const { email, phone } = await forgot();
      expect(phone).toEqual({ reset: undefined, factor: undefined });
      expect(email.factor).toBeUndefined();
      await confirm(email.reset);
      await passwordIs(NEW_PASSWORD);
    });

    it('nothing of who has yet to set up the factor that MFA demands', async () => {
      const demanding = await openRecoveryPool(house, { mode: 'ON', factors: [APP] });
      await changeSettings(house, demanding.pool, { recovery: { secondFactor: true } });
      const { name, email } = await createReachable(demanding.pool);
      await demanding.calls.forgot(name);
      await demanding.calls.confirm(name, (await codesTo(house, email)).reset as string);
      expect((await demanding.calls.signIn(name, NEW_PASSWORD)).ChallengeName).toBe('MFA_SETUP');
    });
  });

  it('names what is missing, to who has the reset code; nothing is used up by that', async () => {
    const app = await preferApp();
    const { email } = await forgot();
    const reset = email.reset as string;
    expect(await refusal(confirm(otherCode(reset)))).toBe(MISMATCH);
    expect(await refusal(confirm(reset))).toBe(missing('SOFTWARE_TOKEN_MFA_CODE'));
    expect(await refusal(confirm(reset, { SMS_MFA_CODE: '123456' }))).toBe(
      missing('SOFTWARE_TOKEN_MFA_CODE'),
    );
    await passwordIs(PASSWORD);
    await confirm(reset, byApp(await app.code()));
  });

  it('refuses a wrong answer; nothing is used up by that', async () => {
    await prefer('SMS_MFA');
    const { email, phone } = await forgot();
    const right = phone.factor as string;
    expect(await refusal(confirm(email.reset, { SMS_MFA_CODE: otherCode(right) }))).toBe(MISMATCH);
    expect(await refusal(confirm(email.reset, { SMS_MFA_CODE: '' }))).toBe(MISMATCH);
    await passwordIs(PASSWORD);
    await confirm(email.reset, { SMS_MFA_CODE: right });
    await passwordIs(NEW_PASSWORD);
  });

  it('is not used up by a wrong reset code', async () => {
    const app = await preferApp();
    const { email } = await forgot();
    const factor = byApp(await app.code());
    expect(await refusal(confirm(otherCode(email.reset as string), factor))).toBe(MISMATCH);
    await confirm(email.reset, factor);
  });

  it('counts a wrong answer as an attempt of the hour', async () => {
    const app = await preferApp();
    const { email } = await forgot();
    const wrong = byApp(await app.wrongCode());
    for (let guess = 0; guess < 4; guess += 1)
      expect(await refusal(confirm(email.reset, wrong))).toBe(MISMATCH);
    expect(await refusal(confirm(email.reset, byApp(await app.code())))).toBe(LIMITED);
    expect(await refusal(calls.forgot(user.name))).toBe(LIMITED);
    await passwordIs(PASSWORD);
  });

  it('is guessed at no more than five times an hour, also where attempts have no limit', async () => {
    await changeSettings(house, pool, { recovery: { attemptsPerHour: 0 } });
    const app = await preferApp();
    const { email } = await forgot();
    const wrong = byApp(await app.wrongCode());
    for (let guess = 0; guess < 5; guess += 1)
      expect(await refusal(confirm(email.reset, wrong))).toBe(MISMATCH);
    expect(await refusal(confirm(email.reset, byApp(await app.code())))).toBe(LIMITED);
    await changeSettings(house, pool, { recovery: { attemptsPerHour: 5 } });
  });

  describe('is good once:', () => {
    it('a code that an app showed for a sign-in is not good for a reset', async () => {
      const app = await preferApp();
      const code = await app.code();
      await pool.enter(user.name, await pool.begin(user.name), code);
      const { email } = await forgot();
      expect(await refusal(confirm(email.reset, byApp(code)))).toBe(USED);
      await confirm(email.reset, byApp(await app.code()));
    });

    it('a code that an app showed for a reset is not good for a sign-in', async () => {
      const app = await preferApp();
      const { email } = await forgot();
      const code = await app.code();
      // The password stays the same, so that the sign-in is that of every other test.
      await confirm(email.reset, byApp(code), PASSWORD);
      expect(await refusal(pool.enter(user.name, await pool.begin(user.name), code))).toBe(USED);
    });

    it('of two codes that were sent the newest works', async () => {
      await prefer('SMS_MFA');
      const old = (await forgot()).phone.factor as string;
      const { email, phone } = await forgot();
      if (old !== phone.factor)
        expect(await refusal(confirm(email.reset, { SMS_MFA_CODE: old }))).toBe(MISMATCH);
      await confirm(email.reset, { SMS_MFA_CODE: phone.factor as string });
    });
  });

  it('lets one win of fifty who send the same right codes at once', async () => {
    await changeSettings(house, pool, { recovery: { attemptsPerHour: 0 } });
    const app = await preferApp();
    const { email } = await forgot();
    const factor = byApp(await app.code());
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        confirm(email.reset, factor, `Passw0rd!${index}`).then(
          () => 'ok',
          (error: Error) => error.name,
        ),
      ),
    );
    await changeSettings(house, pool, { recovery: { attemptsPerHour: 5 } });
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(new Set(['ok', 'ExpiredCodeException']));
    await passwordIs(`Passw0rd!${outcomes.indexOf('ok')}`);
  });

  it('ends with the reset code: sent codes live as long as recovery.codeLifetime says', async () => {
    await prefer('SMS_MFA');
    const { email, phone } = await forgot();
    await house.advance('PT61M');
    expect(await refusal(confirm(email.reset, { SMS_MFA_CODE: phone.factor as string }))).toBe(EXPIRED);
  });

  it('goes to the address that the user has: a code to the one before is no good', async () => {
    await prefer('SMS_MFA');
    const { email, phone } = await forgot();
    await pool.update(user.name, { phone_number: newPhone(), phone_number_verified: 'true' });
    expect(await refusal(confirm(email.reset, { SMS_MFA_CODE: phone.factor as string }))).toBe(EXPIRED);
  });

  it('takes no reset code that went where, since then, the second factor goes', async () => {
    await prefer('SMS_MFA');
    const { email } = await forgot();
    await prefer('EMAIL_OTP');
    expect(await refusal(confirm(email.reset, { EMAIL_OTP_CODE: '123456' }))).toBe(EXPIRED);
    const { email: again, phone } = await forgot();
    await confirm(phone.reset, { EMAIL_OTP_CODE: again.factor as string });
  });

  it('is demanded after the reset of an administrator, too', async () => {
    await prefer('EMAIL_OTP');
    await house.sdk.send(new AdminResetUserPasswordCommand({ UserPoolId: pool.id, Username: user.name }));
    const { reset } = await codesTo(house, user.phone);
    const { factor } = await codesTo(house, user.email);
    expect(await refusal(confirm(reset))).toBe(missing('EMAIL_OTP_CODE'));
    await confirm(reset, { EMAIL_OTP_CODE: factor as string });
    await passwordIs(NEW_PASSWORD);
  });

  it('changes no answer of ForgotPassword', async () => {
    await prefer('SMS_MFA');
    const { CodeDeliveryDetails } = await calls.forgot(user.name);
    expect(CodeDeliveryDetails).toEqual({
      AttributeName: 'email',
      DeliveryMedium: 'EMAIL',
      Destination: 'u***@e***',
    });
  });

  it('holds without an AccountRecoverySetting, and keeps the reset code off the channel of the factor', async () => {
    const legacy = await openRecoveryPool(house, {
      factors: ['SMS_MFA', APP],
      recovery: [],
    });
    await changeSettings(house, legacy.pool, { recovery: { secondFactor: true } });
    const [both, phoneAlone] = [
      await createReachable(legacy.pool),
      await createReachable(legacy.pool, { email: false }),
    ];
    for (const { name } of [both, phoneAlone]) await legacy.pool.switchOn(name, ['SMS_MFA'], 'SMS_MFA');
    const { CodeDeliveryDetails } = await legacy.calls.forgot(both.name);
    expect(CodeDeliveryDetails?.AttributeName).toBe('email');
    expect(await refusal(legacy.calls.forgot(phoneAlone.name))).toBe(NO_ADDRESS);
    // An app vouches for who holds the phone.
    await legacy.pool.switchOn(phoneAlone.name, []);
    await legacy.pool.setUpApp(phoneAlone.name);
    await legacy.pool.switchOn(phoneAlone.name, [APP, 'SMS_MFA']);
    expect((await legacy.calls.forgot(phoneAlone.name)).CodeDeliveryDetails?.AttributeName).toBe(
      'phone_number',
    );
  });

  it('tells nobody who exists: known or not, a wrong code is a wrong code', async () => {
    const ENABLED = { PreventUserExistenceErrors: 'ENABLED' } as const;
    const hiding = recoveryCalls(house, await house.createClient(pool.id, ENABLED));
    await prefer('SMS_MFA');
    const before = await house.messages('', 0);
    await hiding.forgot('nobody@example.com');
    expect(await house.messages('', 0)).toEqual(before);
    await hiding.forgot(user.name);
    for (const name of [user.name, 'nobody@example.com']) {
      expect(await refusal(hiding.confirm(name, 'x'))).toBe(MISMATCH);
    }
  });

  it('sends its code by the channel that mail leaves by', async () => {
    await using mail = await openMailServer();
    await using sending = await openHouse({ email: `smtp://127.0.0.1:${mail.port}` });
    const its = await openRecoveryPool(sending);
    await changeSettings(sending, its.pool, { recovery: { secondFactor: true } });
    const { name, email } = await createReachable(its.pool);
    await its.pool.switchOn(name, ['EMAIL_OTP'], 'EMAIL_OTP');
    await its.calls.forgot(name);
    const { content } = await mail.first(email);
    expect(content.subject).toBe('Your authentication code');
    expect(content.text).toContain((await codesTo(sending, email)).factor);
  });

  describe('with mfa.recoveryCodes', () => {
    let codes: string[];
    const issue = async () =>
      ({ codes } = (await house.operator(`pools/${pool.id}/users/${user.name}/recovery-codes`, {
        method: 'POST',
      })) as { codes: string[] });
    beforeAll(() => changeSettings(house, pool, { mfa: { recoveryCodes: true } }));
    beforeEach(async () => {
      await preferApp();
    });

    it('takes a recovery code instead, each once', async () => {
      await issue();
      const first = await forgot();
      expect(await refusal(confirm(first.email.reset))).toBe(
        missing('SOFTWARE_TOKEN_MFA_CODE or RECOVERY_CODE'),
      );
      const RECOVERY_CODE = codes[0] as string;
      await confirm(first.email.reset, { RECOVERY_CODE });
      await passwordIs(NEW_PASSWORD);
      const second = await forgot();
      expect(await refusal(confirm(second.email.reset, { RECOVERY_CODE }))).toBe(MISMATCH);
      await house.advance('PT61M');
      const third = await forgot();
      await confirm(third.email.reset, { RECOVERY_CODE: ` ${codes[1]?.replaceAll('-', '').toUpperCase()} ` });
    });

    it('knows no such code of a user who has none, nor once the setting is off', async () => {
      const { email } = await forgot();
      const RECOVERY_CODE = 'aaaa-aaaa-aaaa';
      expect(await refusal(confirm(email.reset, { RECOVERY_CODE }))).toBe(missing('SOFTWARE_TOKEN_MFA_CODE'));
      await issue();
      await changeSettings(house, pool, { mfa: { recoveryCodes: false } });
      const right = { RECOVERY_CODE: codes[0] as string };
      expect(await refusal(confirm(email.reset, right))).toBe(missing('SOFTWARE_TOKEN_MFA_CODE'));
      await changeSettings(house, pool, { mfa: { recoveryCodes: true } });
      await confirm(email.reset, right);
    });
  });

  it('asks for nothing once MFA is OFF', async () => {
    const other = await openRecoveryPool(house);
    await changeSettings(house, other.pool, { recovery: { secondFactor: true } });
    const { name, email } = await createReachable(other.pool);
    await other.pool.switchOn(name, ['SMS_MFA'], 'SMS_MFA');
    await setPoolFactors(house, other.pool.id, 'OFF', []);
    await other.calls.forgot(name);
    await other.calls.confirm(name, (await codesTo(house, email)).reset as string);
  });
});
