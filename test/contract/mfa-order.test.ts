import {
  AdminCreateUserCommand,
  ConfirmForgotPasswordCommand,
  ForgotPasswordCommand,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  type RecoveryOptionNameType,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { all, type Has, settle } from '../support/mfa-settled-user.ts';
import { type Factor, type MfaPool, newPhone, openMfaPool, outcomeOf } from '../support/mfa-sign-in.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { refresh } from '../support/sign-in.ts';

const [SMS, APP, EMAIL] = ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'] as const;
const NO_METHOD = 'MFAMethodNotFoundException: No MFA mechanism registerd in the account.';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const shown = (met: ReturnType<MfaPool['begin']>) =>
  met.then(outcomeOf, ({ name, message }) => `${name}: ${message}`);

describe('after the password comes', () => {
  type Row = [
    expected: string,
    user: string,
    factors: Factor[],
    has: Has,
    recoverBy?: RecoveryOptionNameType[],
  ];
  const phoneFirst: RecoveryOptionNameType[] = ['verified_phone_number', 'verified_email'];
  const emailFirst: RecoveryOptionNameType[] = ['verified_email', 'verified_phone_number'];

  const optional: Row[] = [
    ['tokens', 'who has nothing', [SMS, APP, EMAIL], {}],
    ['tokens', 'who switched nothing on', [SMS, APP, EMAIL], all],
    [APP, 'who switched it on', [SMS, APP, EMAIL], { ...all, on: [APP] }],
    [SMS, 'who switched it on', [SMS, APP, EMAIL], { ...all, on: [SMS] }],
    [EMAIL, 'who switched it on', [SMS, APP, EMAIL], { ...all, on: [EMAIL] }],
    [`SELECT_MFA_TYPE ["${SMS}","${APP}"]`, 'of two', [SMS, APP, EMAIL], { ...all, on: [APP, SMS] }],
    [
      `SELECT_MFA_TYPE ["${SMS}","${APP}","${EMAIL}"]`,
      'of all',
      [SMS, APP, EMAIL],
      { ...all, on: [EMAIL, APP, SMS] },
    ],
    [EMAIL, 'who prefers it of two', [SMS, APP, EMAIL], { ...all, on: [APP, EMAIL], preferred: EMAIL }],
    [SMS, 'whose preferred one is off in the pool', [SMS], { ...all, on: [APP, SMS], preferred: APP }],
    ['tokens', 'whose only one is off in the pool', [SMS], { ...all, on: [APP] }],
    [
      APP,
      'whose preferred address is gone',
      [SMS, APP],
      { ...all, on: [APP, SMS], preferred: SMS, lost: ['phone_number'] },
    ],
    [
      SMS,
      'who switched it on, also where it is the first way of recovery',
      [SMS, APP],
      { ...all, on: [SMS] },
      phoneFirst,
    ],
  ];
  it.each(optional)('OPTIONAL: %s, for a user %s', async (expected, _, factors, has, recoverBy) => {
    const { pool, name } = await settle(house, factors, has, recoverBy);
    await pool.asks('OPTIONAL', factors);
    expect(await shown(pool.begin(name))).toBe(expected);
    expect(await shown(pool.beginAsAdmin(name))).toBe(expected);
  });

  const on: Row[] = [
    [`MFA_SETUP ["${APP}"]`, 'who has nothing', [APP], {}],
    [`MFA_SETUP ["${SMS}","${APP}","${EMAIL}"]`, 'who has nothing', [SMS, APP, EMAIL], {}],
    [
      `MFA_SETUP ["${SMS}","${APP}"]`,
      'who has nothing where email recovers first',
      [SMS, APP, EMAIL],
      {},
      emailFirst,
    ],
    [`MFA_SETUP ["${APP}"]`, 'whose addresses are for no factor here', [APP], { phone: true, email: true }],
    [NO_METHOD, 'without a phone where there is SMS alone', [SMS], { email: true }],
    [NO_METHOD, 'without a phone where there is SMS, and email recovers', [SMS, EMAIL], {}, emailFirst],
    [SMS, 'with a phone number', [SMS, APP, EMAIL], { phone: true }],
    [EMAIL, 'with an email address', [SMS, APP, EMAIL], { email: true }],
    [APP, 'with an app', [SMS, APP, EMAIL], { app: true }],
    [
      `SELECT_MFA_TYPE ["${SMS}","${APP}"]`,
      'with an app and a phone',
      [SMS, APP, EMAIL],
      { app: true, phone: true },
    ],
    [APP, 'with an app, and a phone that recovers first', [SMS, APP], { app: true, phone: true }, phoneFirst],
    [
      `SELECT_MFA_TYPE ["${SMS}","${EMAIL}"]`,
      'with both addresses',
      [SMS, EMAIL],
      { phone: true, email: true },
    ],
    [
      SMS,
      'with both addresses where email recovers first',
      [SMS, EMAIL],
      { phone: true, email: true },
      emailFirst,
    ],
    [
      EMAIL,
      'with both addresses where the phone recovers first',
      [SMS, EMAIL],
      { phone: true, email: true },
      phoneFirst,
    ],
    // The guide has this sign-in fail.
    [EMAIL, 'with that address alone, though it recovers first', [SMS, EMAIL], { email: true }, emailFirst],
    [
      EMAIL,
      'who prefers it, though it recovers first',
      [SMS, APP, EMAIL],
      { ...all, on: [EMAIL], preferred: EMAIL },
      emailFirst,
    ],
    [APP, 'who prefers it', [SMS, APP, EMAIL], { ...all, on: [APP], preferred: APP }],
    [
      `SELECT_MFA_TYPE ["${SMS}","${APP}","${EMAIL}"]`,
      'who switched one on, and has more',
      [SMS, APP, EMAIL],
      { ...all, on: [APP] },
    ],
    [
      APP,
      'whose preferred address is gone',
      [SMS, APP],
      { ...all, on: [SMS], preferred: SMS, lost: ['phone_number'] },
    ],
    [SMS, 'whose app is off in the pool', [SMS], { ...all, on: [APP], preferred: APP }],
    [
      `MFA_SETUP ["${APP}"]`,
      'whose only address is gone',
      [APP, EMAIL],
      { email: true, on: [EMAIL], lost: ['email'] },
      emailFirst,
    ],
  ];
  it.each(on)('ON: %s, for a user %s', async (expected, _, factors, has, recoverBy) => {
    const { pool, name } = await settle(house, factors, has, recoverBy);
    await pool.asks('ON', factors);
    expect(await shown(pool.begin(name))).toBe(expected);
    expect(await shown(pool.beginAsAdmin(name))).toBe(expected);
  });

  it('OFF: tokens, whatever was switched on', async () => {
    const { pool, name } = await settle(house, [SMS, APP, EMAIL], {
      ...all,
      on: [SMS, APP, EMAIL],
      preferred: APP,
    });
    await pool.asks('OFF');
    expect(await shown(pool.begin(name))).toBe('tokens');
  });

  it('the same by SRP', async () => {
    const { pool, name } = await settle(house, [SMS, APP, EMAIL], { ...all, on: [APP], preferred: APP });
    const met = await pool.beginBySrp(name);
    expect(met).toMatchObject({ ChallengeName: APP, ChallengeParameters: { USER_ID_FOR_SRP: name } });
    expect(met.AuthenticationResult).toBeUndefined();
    await pool.switchOn(name, [APP, SMS]);
    expect(await shown(pool.beginBySrp(name))).toBe(`SELECT_MFA_TYPE ["${SMS}","${APP}"]`);
  });

  it('nothing of it for a wrong password', async () => {
    const { pool, name } = await settle(house, [SMS], { phone: true, on: [SMS] });
    expect(await refusal(pool.begin(name, { PASSWORD: 'Wrong-1-word' }))).toBe(
      'NotAuthorizedException: Incorrect username or password.',
    );
  });
});

describe('the second factor comes', () => {
  it('after NEW_PASSWORD_REQUIRED', async () => {
    const pool = await openMfaPool(house, 'ON', [SMS, APP]);
    const [phone_number, without, withPhone] = [newPhone(), newName(), newName()];
    for (const Username of [without, withPhone]) {
      const invite = { UserPoolId: pool.id, Username, TemporaryPassword: PASSWORD };
      await house.sdk.send(new AdminCreateUserCommand({ ...invite, MessageAction: 'SUPPRESS' }));
    }
    await pool.update(withPhone, { phone_number });
    const choosePassword = async (name: string) => {
      const met = await pool.begin(name);
      expect(met.ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
      return pool.respond(name, met, { NEW_PASSWORD });
    };
    expect(await shown(choosePassword(without))).toBe(`MFA_SETUP ["${SMS}","${APP}"]`);
    const sms = await choosePassword(withPhone);
    expect(sms.ChallengeName).toBe(SMS);
    expect(await shown(pool.enter(withPhone, sms, await house.code(phone_number)))).toBe('tokens');
    // The password is set, whether or not the second factor was shown.
    expect(await refusal(pool.begin(without))).toBe(
      'NotAuthorizedException: Incorrect username or password.',
    );
  });

  it('after a password that ForgotPassword has set', async () => {
    const { pool, name } = await settle(house, [SMS, APP], { ...all, on: [APP] }, [
      'verified_email',
      'verified_phone_number',
    ]);
    await pool.update(name, { email_verified: 'true' });
    const whose = { ClientId: pool.client.ClientId, Username: name };
    await house.sdk.send(new ForgotPasswordCommand(whose));
    const ConfirmationCode = await house.code(`${name}@example.com`);
    const confirm = { ...whose, ConfirmationCode, Password: NEW_PASSWORD };
    await house.sdk.send(new ConfirmForgotPasswordCommand(confirm));
    expect(await shown(pool.begin(name, { PASSWORD: NEW_PASSWORD }))).toBe(APP);
  });

  it('not at a refresh, also of tokens from before it was asked for', async () => {
    const { pool, name } = await settle(house, [APP], { app: true });
    const rotating = pool.by(
      await house.createClient(pool.id, {
        ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
        RefreshTokenRotation: { Feature: 'ENABLED' },
      }),
    );
    const [tokens, rotated] = [await pool.begin(name), await rotating.begin(name)];
    await pool.asks('ON', [APP]);
    await pool.switchOn(name, [APP], APP);
    expect(await shown(pool.begin(name))).toBe(APP);
    const { AccessToken, RefreshToken = '' } = tokens.AuthenticationResult ?? {};
    expect((await refresh(house, pool.client.ClientId, RefreshToken)).AccessToken).toBeDefined();
    const again = {
      ClientId: rotating.client.ClientId,
      RefreshToken: rotated.AuthenticationResult?.RefreshToken,
    };
    const { AuthenticationResult } = await house.sdk.send(new GetTokensFromRefreshTokenCommand(again));
    expect(AuthenticationResult?.AccessToken).toBeDefined();
    expect((await house.sdk.send(new GetUserCommand({ AccessToken }))).Username).toBe(name);
  });

  it('through the operations of administrators, which may also finish what a user began', async () => {
    const phone_number = newPhone();
    const pool = await openMfaPool(house, 'ON', [SMS]);
    const name = await pool.createUser(newName(), { phone_number });
    const byAdmin = await pool.beginAsAdmin(name);
    expect(byAdmin.ChallengeParameters).toEqual((await pool.begin(name)).ChallengeParameters);
    const [, ofAdmin] = await house.messages(phone_number);
    const answer = { SMS_MFA_CODE: ofAdmin?.code ?? '' };
    expect(await shown(pool.respondAsAdmin(name, byAdmin, answer))).toBe('tokens');
    const begun = await pool.begin(name);
    const code = await house.code(phone_number);
    expect(await shown(pool.respondAsAdmin(name, begun, { SMS_MFA_CODE: code }))).toBe('tokens');
  });
});
