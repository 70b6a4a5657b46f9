import { AdminSetUserPasswordCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse } from '../support/house.ts';
import { all, settle } from '../support/mfa-settled-user.ts';
import { newPhone, openMfaPool, outcomeOf } from '../support/mfa-sign-in.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { secretHash } from '../support/sign-in.ts';

const [SMS, APP, EMAIL] = ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP'] as const;
const NO_SUCH_CHOICE = 'InvalidParameterException: ANSWER names no MFA type that the user can choose.';
const INVALID_SESSION = 'NotAuthorizedException: Invalid session for the user.';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

/** Messages with the code of a sign-in. */
const codesTo = async (address: string) =>
  (await house.messages(address)).filter(
    ({ triggerSource }) => triggerSource === 'CustomMessage_Authentication',
  );

describe('SELECT_MFA_TYPE', () => {
  it('names what there is in JSON without spaces, and who it is', async () => {
    const { pool, name } = await settle(house, [SMS, APP], { ...all, on: [SMS, APP] });
    const { ChallengeParameters, Session } = await pool.begin(name);
    expect(ChallengeParameters).toEqual({
      MFAS_CAN_CHOOSE: '["SMS_MFA","SOFTWARE_TOKEN_MFA"]',
      USER_ID_FOR_SRP: name,
    });
    expect(Session).toMatch(/^[\w-]{20,2048}$/);
  });

  it('leads to the challenge that is chosen, with a session of its own, and that one to tokens', async () => {
    const phone_number = newPhone();
    const { pool, name } = await settle(house, [SMS, APP, EMAIL], { ...all, on: [SMS, APP, EMAIL] });
    await pool.update(name, { phone_number });
    const select = await pool.begin(name);
    const sms = await pool.choose(name, select, SMS);
    expect(sms.ChallengeName).toBe(SMS);
    expect(sms.Session).not.toBe(select.Session);
    expect(outcomeOf(await pool.enter(name, sms, await house.code(phone_number)))).toBe('tokens');

    const email = await pool.choose(name, await pool.beginBySrp(name), EMAIL);
    expect(outcomeOf(await pool.enter(name, email, await house.code(`${name}@example.com`)))).toBe('tokens');
    expect((await pool.choose(name, await pool.begin(name), APP)).ChallengeParameters).toEqual({
      USER_ID_FOR_SRP: name,
    });
  });

  it('sends nothing before it is answered', async () => {
    const { pool, name } = await settle(house, [SMS, EMAIL], { ...all, on: [SMS, EMAIL] });
    await pool.begin(name);
    expect(await codesTo(`${name}@example.com`)).toEqual([]);
  });

  it('is answered once, but for what is no choice', async () => {
    const { pool, name } = await settle(house, [SMS, APP, EMAIL], { ...all, on: [SMS, APP] });
    const select = await pool.begin(name);
    for (const none of [EMAIL, 'SMS', 'MFA_SETUP', '__proto__']) {
      expect(await refusal(pool.choose(name, select, none))).toBe(NO_SUCH_CHOICE);
    }
    expect(await refusal(pool.respond(name, select, {}))).toBe(
      'InvalidParameterException: Missing required parameter ANSWER',
    );
    await pool.choose(name, select, APP);
    expect(await refusal(pool.choose(name, select, SMS))).toBe(
      'NotAuthorizedException: Invalid session for the user, session can only be used once.',
    );
  });

  it('has one winner among answers at the same time, and sends one code', async () => {
    const { pool, name } = await settle(house, [SMS, EMAIL], { ...all, on: [SMS, EMAIL] });
    const select = await pool.begin(name);
    const answers = Array.from({ length: 10 }, () => pool.choose(name, select, EMAIL));
    const won = (await Promise.allSettled(answers)).filter(({ status }) => status === 'fulfilled');
    expect(won).toHaveLength(1);
    expect(await codesTo(`${name}@example.com`)).toHaveLength(1);
  });

  it('offers no longer what was switched off, or whose address is gone, meanwhile', async () => {
    const { pool, name } = await settle(house, [SMS, APP, EMAIL], { ...all, on: [SMS, APP, EMAIL] });
    const select = await pool.begin(name);
    await pool.switchOn(name, [SMS, APP]);
    expect(await refusal(pool.choose(name, select, EMAIL))).toBe(NO_SUCH_CHOICE);
    expect((await pool.choose(name, select, APP)).ChallengeName).toBe(APP);
  });

  it('stays open when the code that was chosen may not be sent', async () => {
    const { pool, name } = await settle(house, [SMS, APP, EMAIL], { ...all, on: [APP, EMAIL] });
    for (let sent = 0; sent < 15; sent += 1) await pool.choose(name, await pool.begin(name), EMAIL);
    const select = await pool.begin(name);
    expect(await refusal(pool.choose(name, select, EMAIL))).toBe(
      'LimitExceededException: Attempt limit exceeded, please try after some time.',
    );
    expect((await pool.choose(name, select, APP)).ChallengeName).toBe(APP);
  });

  it('ends with the password that it began with', async () => {
    const { pool, name } = await settle(house, [SMS, APP], { ...all, on: [SMS, APP] });
    const select = await pool.begin(name);
    const set = { UserPoolId: pool.id, Username: name, Password: NEW_PASSWORD, Permanent: true };
    await house.sdk.send(new AdminSetUserPasswordCommand(set));
    expect(await refusal(pool.choose(name, select, SMS))).toBe(INVALID_SESSION);
  });

  it('is of the client that began, for the AuthSessionValidity', async () => {
    const { pool, name } = await settle(house, [SMS, APP], { ...all, on: [SMS, APP] });
    const neighbour = pool.by(await house.createClient(pool.id));
    const select = await pool.begin(name);
    expect(await refusal(neighbour.choose(name, select, APP))).toBe(INVALID_SESSION);
    await house.advance('PT3M1S');
    expect(await refusal(pool.choose(name, select, APP))).toBe(
      'NotAuthorizedException: Invalid session for the user, session is expired.',
    );
  });

  it('asks a client with a secret for SECRET_HASH', async () => {
    const { pool, name } = await settle(house, [SMS, APP], { ...all, on: [SMS, APP] });
    const keeper = await house.createClient(pool.id, { GenerateSecret: true });
    const secretive = pool.by(keeper);
    const SECRET_HASH = secretHash(keeper, name);
    const select = await secretive.begin(name, { SECRET_HASH });
    expect(await refusal(secretive.choose(name, select, APP))).toMatch('SECRET_HASH was not received');
    const answer = await secretive.respond(name, select, { ANSWER: APP, SECRET_HASH });
    expect(answer.ChallengeName).toBe(APP);
  });

  it('is no way round: its session answers no other challenge', async () => {
    const { pool, name } = await settle(house, [SMS, APP], { ...all, on: [SMS, APP] });
    const { Session } = await pool.begin(name);
    for (const [ChallengeName, key] of [
      [APP, `${APP}_CODE`],
      [SMS, `${SMS}_CODE`],
      ['MFA_SETUP', 'EMAIL'],
      ['NEW_PASSWORD_REQUIRED', 'NEW_PASSWORD'],
      ['SELECT_CHALLENGE', 'ANSWER'],
    ] as const) {
      const answer = pool.respond(name, { ChallengeName, Session }, { [key]: '000000' });
      expect(await refusal(answer)).toBe(INVALID_SESSION);
    }
  });
});

describe('MFA_SETUP', () => {
  it('names what can be set up in JSON without spaces, and who it is', async () => {
    const pool = await openMfaPool(house, 'ON', [APP, EMAIL]);
    const name = await pool.createUser(newName());
    const { ChallengeParameters, ChallengeName, Session } = await pool.begin(name);
    expect(ChallengeName).toBe('MFA_SETUP');
    expect(ChallengeParameters).toEqual({
      MFAS_CAN_SETUP: '["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]',
      USER_ID_FOR_SRP: name,
    });
    expect(Session).toMatch(/^[\w-]{20,2048}$/);
  });
});
