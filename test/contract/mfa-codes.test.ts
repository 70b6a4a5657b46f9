import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminResetUserPasswordCommand,
  AdminSetUserPasswordCommand,
  ConfirmForgotPasswordCommand,
  ForgotPasswordCommand,
  SetUserPoolMfaConfigCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import {
  type MfaPool,
  newPhone,
  openMfaPool,
  otherCode,
  outcomeOf,
  recovery,
} from '../support/mfa-sign-in.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { claimsOf, secretHash } from '../support/sign-in.ts';

const WRONG = 'CodeMismatchException: Invalid code or auth state for the user.';
const INVALID_SESSION = 'NotAuthorizedException: Invalid session for the user.';
const EXPIRED = 'NotAuthorizedException: Invalid session for the user, session is expired.';
const USED = 'NotAuthorizedException: Invalid session for the user, session can only be used once.';
const LIMITED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const rows = [
  { factor: 'SMS_MFA', attribute: 'phone_number', medium: 'SMS', masked: /^\+\*{7}\d{4}$/ },
  { factor: 'EMAIL_OTP', attribute: 'email', medium: 'EMAIL', masked: /^u\*\*\*@e\*\*\*$/ },
] as const;

describe.each(rows)('$factor', ({ factor, attribute, medium, masked }) => {
  const recoverBy = factor === 'SMS_MFA' ? 'verified_email' : 'verified_phone_number';
  let pool: MfaPool;
  let name: string;
  let address: string;

  beforeAll(async () => {
    pool = await openMfaPool(house, 'ON', [factor], recovery(recoverBy));
  });
  beforeEach(async () => {
    [name, address] = await newUser();
  });

  const newAddress = (of: string) => (attribute === 'email' ? `${of}@example.com` : newPhone());
  async function newUser(of = pool): Promise<[string, string]> {
    const user = newName();
    const to = newAddress(user);
    await of.createUser(user, { [attribute]: to });
    return [user, to];
  }

  async function begun(of = pool, who = name, to = address) {
    const met = await of.begin(who);
    expect(met.ChallengeName).toBe(factor);
    return { met, code: await house.code(to) };
  }

  /** The other address, by which the user recovers. */
  async function addOther() {
    const elsewhere = factor === 'SMS_MFA' ? `${name}@example.org` : newPhone();
    const other = factor === 'SMS_MFA' ? 'email' : 'phone_number';
    await pool.update(name, { [other]: elsewhere, [`${other}_verified`]: 'true' });
    return elsewhere;
  }

  const attributes = async (of = pool) => {
    const whose = { UserPoolId: of.id, Username: name };
    const { UserAttributes = [] } = await house.sdk.send(new AdminGetUserCommand(whose));
    return Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]));
  };

  describe('the challenge', () => {
    it('says where the code went, and who it is', async () => {
      const { ChallengeParameters, Session, AuthenticationResult } = await pool.begin(name);
      expect(ChallengeParameters).toEqual({
        CODE_DELIVERY_DELIVERY_MEDIUM: medium,
        CODE_DELIVERY_DESTINATION: expect.stringMatching(masked),
        USER_ID_FOR_SRP: name,
      });
      if (attribute === 'phone_number') {
        expect(ChallengeParameters?.['CODE_DELIVERY_DESTINATION']).toBe(`+*******${address.slice(-4)}`);
      }
      expect(Session).toMatch(/^[\w-]{20,2048}$/);
      expect(AuthenticationResult).toBeUndefined();
    });

    it('is the same by SRP, and its answer too', async () => {
      const met = await pool.beginBySrp(name);
      expect(met.ChallengeParameters).toEqual((await pool.begin(name)).ChallengeParameters);
      const [, first] = await house.messages(address);
      expect(outcomeOf(await pool.enter(name, met, first?.code ?? ''))).toBe('tokens');
    });

    it('sends six digits, in a message that says what for', async () => {
      await pool.begin(name);
      const [message] = await house.messages(address);
      expect(message?.code).toMatch(/^\d{6}$/);
      expect(message).toMatchObject({
        channel: medium,
        triggerSource: 'CustomMessage_Authentication',
        username: name,
        body: `Your authentication code is ${message?.code}. `,
        ...(medium === 'EMAIL' && { subject: 'Your authentication code' }),
      });
    });

    it('is answered with tokens of the user', async () => {
      const { met, code } = await begun();
      const answer = await pool.enter(name, met, code);
      expect(answer.ChallengeName).toBeUndefined();
      expect(answer.ChallengeParameters).toEqual({});
      expect(claimsOf(answer.AuthenticationResult?.AccessToken ?? '')).toMatchObject({ username: name });
      expect(answer.AuthenticationResult).toMatchObject({ TokenType: 'Bearer', ExpiresIn: 3600 });
      expect(answer.AuthenticationResult?.RefreshToken).toBeDefined();
    });

    it('takes the sub for USERNAME, and parameters that are of other challenges', async () => {
      const { sub = '' } = await attributes();
      const { met, code } = await begun();
      const more = { SOFTWARE_TOKEN_MFA_CODE: '000000', DEVICE_KEY: 'us-east-1_none', ANSWER: 'x' };
      expect(outcomeOf(await pool.enter(sub, met, code, more))).toBe('tokens');
    });

    it('names the parameter that is missing', async () => {
      const { met, code } = await begun();
      const missing = 'InvalidParameterException: Missing required parameter';
      expect(await refusal(pool.respond(name, met, {}))).toBe(`${missing} ${factor}_CODE`);
      expect(await refusal(pool.enter(name, met, ''))).toBe(`${missing} ${factor}_CODE`);
      expect(await refusal(pool.enter('', met, code))).toBe(`${missing} USERNAME`);
      expect(await refusal(pool.enter(name, { ChallengeName: factor }, code))).toBe(`${missing} Session`);
      expect(outcomeOf(await pool.enter(name, met, code))).toBe('tokens');
    });
  });

  describe('a code', () => {
    it('that is wrong is refused, and the session stays good for the right one', async () => {
      const { met, code } = await begun();
      for (const wrong of [otherCode(code), code.slice(1), `${code}0`, ` ${code}`]) {
        expect(await refusal(pool.enter(name, met, wrong))).toBe(WRONG);
      }
      expect(outcomeOf(await pool.enter(name, met, code))).toBe('tokens');
    });

    it('is good in the session it was sent for', async () => {
      const [first, second] = [await begun(), await begun()];
      if (first.code !== second.code) {
        expect(await refusal(pool.enter(name, second.met, first.code))).toBe(WRONG);
        expect(await refusal(pool.enter(name, first.met, second.code))).toBe(WRONG);
      }
      expect(outcomeOf(await pool.enter(name, first.met, first.code))).toBe('tokens');
      expect(outcomeOf(await pool.enter(name, second.met, second.code))).toBe('tokens');
    });

    it('is of one user', async () => {
      const [other, to] = await newUser();
      const [mine, theirs] = [await begun(), await begun(pool, other, to)];
      if (mine.code !== theirs.code) {
        expect(await refusal(pool.enter(name, mine.met, theirs.code))).toBe(WRONG);
        expect(await refusal(pool.enter(other, mine.met, theirs.code))).toBe(WRONG);
      }
      const { AuthenticationResult } = await pool.enter(other, mine.met, mine.code);
      expect(claimsOf(AuthenticationResult?.AccessToken ?? '')['username']).toBe(name);
    });

    it('ends with the AuthSessionValidity of the client', async () => {
      const patient = pool.by(await house.createClient(pool.id, { AuthSessionValidity: 5 }));
      const [short, long] = [await begun(), await begun(patient)];
      await house.advance('PT2M50S');
      expect(await refusal(pool.enter(name, short.met, otherCode(short.code)))).toBe(WRONG);
      await house.advance('PT11S');
      expect(await refusal(pool.enter(name, short.met, short.code))).toBe(EXPIRED);
      expect(await refusal(pool.enter(name, short.met, otherCode(short.code)))).toBe(EXPIRED);
      expect(outcomeOf(await patient.enter(name, long.met, long.code))).toBe('tokens');
    });

    it('resets no password, and the code of a reset is no second factor', async () => {
      const elsewhere = await addOther();
      const whose = { ClientId: pool.client.ClientId, Username: name };
      await house.sdk.send(new ForgotPasswordCommand(whose));
      const reset = await house.code(elsewhere);
      const { met, code } = await begun();
      if (reset === code) return;
      const confirm = { ...whose, ConfirmationCode: code, Password: NEW_PASSWORD };
      expect(await refusal(house.sdk.send(new ConfirmForgotPasswordCommand(confirm)))).toMatch(
        'CodeMismatch',
      );
      expect(await refusal(pool.enter(name, met, reset))).toBe(WRONG);
    });
  });

  describe('the session', () => {
    it('is good for one sign-in', async () => {
      const { met, code } = await begun();
      await pool.enter(name, met, code);
      expect(await refusal(pool.enter(name, met, code))).toBe(USED);
      expect(await refusal(pool.enter(name, met, otherCode(code)))).toBe(USED);
    });

    it('is of the client that began, in its pool', async () => {
      const { met, code } = await begun();
      const neighbour = pool.by(await house.createClient(pool.id));
      const stranger = await openMfaPool(house, 'ON', [factor]);
      expect(await refusal(neighbour.enter(name, met, code))).toBe(INVALID_SESSION);
      expect(await refusal(stranger.enter(name, met, code))).toBe(INVALID_SESSION);
      expect(outcomeOf(await pool.enter(name, met, code))).toBe('tokens');
    });

    it('is of this step', async () => {
      const { met, code } = await begun();
      const others = ['SMS_MFA', 'EMAIL_OTP', 'SMS_OTP', 'SOFTWARE_TOKEN_MFA'] as const;
      for (const ChallengeName of others.filter((one) => one !== factor)) {
        expect(await refusal(pool.enter(name, { ...met, ChallengeName }, code))).toBe(INVALID_SESSION);
      }
      for (const [ChallengeName, answer] of [
        ['MFA_SETUP', { EMAIL: 'mallory@example.com' }],
        ['SELECT_MFA_TYPE', { ANSWER: factor }],
        ['NEW_PASSWORD_REQUIRED', { NEW_PASSWORD }],
        ['SELECT_CHALLENGE', { ANSWER: 'PASSWORD', PASSWORD }],
      ] as const) {
        const answered = pool.respond(name, { ...met, ChallengeName }, { ...answer });
        expect(await refusal(answered)).toBe(INVALID_SESSION);
      }
      expect(await refusal(pool.associate(met as { Session: string }))).toBe(INVALID_SESSION);
      expect(outcomeOf(await pool.enter(name, met, code))).toBe('tokens');
    });

    it('is one that this server made', async () => {
      const { met, code } = await begun();
      const session = met.Session ?? '';
      const altered = `${session.slice(0, 99)}${session[99] === 'A' ? 'B' : 'A'}${session.slice(100)}`;
      for (const Session of [altered, session.slice(0, -1), 'garbage-garbage-garbage']) {
        expect(await refusal(pool.enter(name, { ...met, Session }, code))).toBe(INVALID_SESSION);
      }
    });

    it('asks a client with a secret for SECRET_HASH', async () => {
      const keeper = await house.createClient(pool.id, { GenerateSecret: true });
      const secretive = pool.by(keeper);
      const SECRET_HASH = secretHash(keeper, name);
      const met = await secretive.begin(name, { SECRET_HASH });
      const code = await house.code(address);
      expect(await refusal(secretive.enter(name, met, code))).toMatch('SECRET_HASH was not received');
      for (const wrong of ['bm8=', secretHash(keeper, 'mallory')]) {
        const answer = secretive.enter(name, met, code, { SECRET_HASH: wrong });
        expect(await refusal(answer)).toMatch('Unable to verify secret hash');
      }
      expect(outcomeOf(await secretive.enter(name, met, code, { SECRET_HASH }))).toBe('tokens');
    });
  });

  describe('the address', () => {
    it('is verified by the right code, and by that alone', async () => {
      const { met, code } = await begun();
      await refusal(pool.enter(name, met, otherCode(code)));
      expect((await attributes())[`${attribute}_verified`] ?? 'false').toBe('false');
      const { AuthenticationResult } = await pool.enter(name, met, code);
      expect((await attributes())[`${attribute}_verified`]).toBe('true');
      expect(claimsOf(AuthenticationResult?.IdToken ?? '')[`${attribute}_verified`]).toBe(true);
    });

    it('that was changed meanwhile lets nobody in by the code that went to the old one', async () => {
      const { met, code } = await begun();
      const changed = newAddress(`${name}-changed`);
      await pool.update(name, { [attribute]: changed });
      expect(await refusal(pool.enter(name, met, code))).toBe(WRONG);
      expect(await attributes()).toMatchObject({ [attribute]: changed });
      expect((await attributes())[`${attribute}_verified`] ?? 'false').toBe('false');
      const again = await begun(pool, name, changed);
      expect(outcomeOf(await pool.enter(name, again.met, again.code))).toBe('tokens');
    });

    it('that would become an alias by it stays as it is', async () => {
      const aliases = await openMfaPool(house, 'ON', [factor], { AliasAttributes: [attribute] });
      const [first, second] = [newName(), newName()];
      await aliases.createUser(first, { [attribute]: address, [`${attribute}_verified`]: 'true' });
      await aliases.createUser(second, { [attribute]: address });
      const { met, code } = await begun(aliases, second);
      const { AuthenticationResult } = await aliases.enter(second, met, code);
      expect(claimsOf(AuthenticationResult?.AccessToken ?? '')['username']).toBe(second);
      const byAlias = await aliases.begin(address);
      expect(byAlias.ChallengeParameters?.['USER_ID_FOR_SRP']).toBe(first);
    });

    it('may be what the user signs in by', async () => {
      const byAddress = await openMfaPool(house, 'ON', [factor], { UsernameAttributes: [attribute] });
      await byAddress.createUser(address, { [attribute]: address });
      const { met, code } = await begun(byAddress, address);
      const { AuthenticationResult } = await byAddress.enter(address, met, code);
      expect(claimsOf(AuthenticationResult?.IdToken ?? '')).toMatchObject({
        [attribute]: address,
        [`${attribute}_verified`]: true,
      });
    });
  });

  it('uses the texts of the pool', async () => {
    const worded = await openMfaPool(house, 'ON', [factor]);
    const [user, to] = await newUser(worded);
    const message = 'Use {####} at Example, {####}';
    const MfaConfiguration = 'ON';
    await house.sdk.send(
      new SetUserPoolMfaConfigCommand({
        UserPoolId: worded.id,
        MfaConfiguration,
        ...(factor === 'SMS_MFA'
          ? { SmsMfaConfiguration: { SmsAuthenticationMessage: message } }
          : { EmailMfaConfiguration: { Message: message, Subject: 'Sign in to Example' } }),
      }),
    );
    const { code } = await begun(worded, user, to);
    const [sent] = await house.messages(to);
    expect(sent?.body).toBe(`Use ${code} at Example, ${code}`);
    if (factor === 'EMAIL_OTP') expect(sent?.subject).toBe('Sign in to Example');
  });

  describe('codes that nobody answers', () => {
    it('are fifteen an hour', async () => {
      const all = Array.from({ length: 20 }, () => pool.begin(name).then(outcomeOf, String));
      const outcomes = await Promise.all(all);
      expect(outcomes.filter((outcome) => outcome === factor)).toHaveLength(15);
      expect(outcomes.filter((outcome) => outcome === LIMITED)).toHaveLength(5);
      expect(await house.messages(address)).toHaveLength(15);
      expect(await refusal(pool.beginBySrp(name))).toBe(LIMITED);
      await house.advance('PT1H');
      expect(outcomeOf(await pool.begin(name))).toBe(factor);
    });

    it('do not count those that are answered', async () => {
      for (let signIn = 0; signIn < 16; signIn += 1) {
        const { met, code } = await begun();
        await pool.enter(name, met, code);
      }
    });

    it('leave the last code good', async () => {
      const last = await pool.begin(name);
      const code = await house.code(address);
      await Promise.all(Array.from({ length: 14 }, () => pool.begin(name)));
      expect(await refusal(pool.begin(name))).toBe(LIMITED);
      expect(outcomeOf(await pool.enter(name, last, code))).toBe('tokens');
      expect(outcomeOf(await pool.begin(name))).toBe(factor);
    });
  });

  describe('a user to whom something happened meanwhile', () => {
    const whose = () => ({ UserPoolId: pool.id, Username: name });

    it('does not get in with the old password', async () => {
      const { met, code } = await begun();
      const set = { ...whose(), Password: NEW_PASSWORD, Permanent: true };
      await house.sdk.send(new AdminSetUserPasswordCommand(set));
      expect(await refusal(pool.enter(name, met, code))).toBe(WRONG);
      const again = await pool.begin(name, { PASSWORD: NEW_PASSWORD });
      expect(outcomeOf(await pool.enter(name, again, await house.code(address)))).toBe('tokens');
    });

    it('does not get in with a password that was set again to the same', async () => {
      const { met, code } = await begun();
      await house.sdk.send(
        new AdminSetUserPasswordCommand({ ...whose(), Password: PASSWORD, Permanent: true }),
      );
      expect(await refusal(pool.enter(name, met, code))).toBe(WRONG);
    });

    it('does not get in disabled', async () => {
      const { met, code } = await begun();
      await house.sdk.send(new AdminDisableUserCommand(whose()));
      expect(await refusal(pool.enter(name, met, code))).toBe('NotAuthorizedException: User is disabled.');
    });

    it('does not get in when the password must be reset', async () => {
      const { met, code } = await begun();
      await addOther();
      await house.sdk.send(new AdminResetUserPasswordCommand(whose()));
      expect(await refusal(pool.enter(name, met, code))).toMatch(/^(PasswordResetRequired|CodeMismatch)/);
    });

    it('does not get in deleted, nor as another of the same name', async () => {
      const { met, code } = await begun();
      await house.sdk.send(new AdminDeleteUserCommand(whose()));
      expect(await refusal(pool.enter(name, met, code))).toMatch(/^(CodeMismatch|NotAuthorized)Exception: /);
      await pool.createUser(name, { [attribute]: address });
      expect(await refusal(pool.enter(name, met, code))).toMatch(/^(CodeMismatch|NotAuthorized)Exception: /);
    });
  });
});
