import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminResetUserPasswordCommand,
  AdminSetUserPasswordCommand,
  ChangePasswordCommand,
  SignUpCommand,
  UpdateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD, raw } from '../support/house.ts';
import { newName, type RecoveryCalls, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const NO_ADDRESS =
  'InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number';
const WRONG_STATE = 'NotAuthorizedException: User password cannot be reset in the current state.';
const NO_USER = 'UserNotFoundException: User does not exist.';
const RESET_REQUIRED = 'PasswordResetRequiredException: Password reset required for the user';
const WRONG_PASSWORD = 'NotAuthorizedException: Incorrect username or password.';
const EXPIRED = 'ExpiredCodeException: Invalid code provided, please request a code again.';
const LIMITED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';
const weak = [
  ['Aa1!x', 'Password not long enough'],
  ['PASSW0RD!', 'Password must have lowercase characters'],
  ['passw0rd!', 'Password must have uppercase characters'],
  ['Password!', 'Password must have numeric characters'],
  ['Passw0rdx', 'Password must have symbol characters'],
] as const;

let house: House;
let pool: string;
let ClientId: string;
let calls: RecoveryCalls;
let name: string;
let address: string;
beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  const client = await house.createClient(pool);
  ({ ClientId } = client);
  calls = recoveryCalls(house, client);
});
beforeEach(() => {
  name = newName();
  address = `${name}@example.com`;
});
afterAll(() => house[Symbol.asyncDispose]());

const adminReset = (Username = name) =>
  house.sdk.send(new AdminResetUserPasswordCommand({ UserPoolId: pool, Username }));
const adminSet = (Password: string, Permanent?: boolean, Username = name) =>
  house.sdk.send(new AdminSetUserPasswordCommand({ UserPoolId: pool, Username, Password, Permanent }));
const adminGet = () => house.sdk.send(new AdminGetUserCommand({ UserPoolId: pool, Username: name }));
const statusOf = async () => (await adminGet()).UserStatus;
const signUp = () =>
  house.sdk.send(
    new SignUpCommand({
      ClientId,
      Username: name,
      Password: PASSWORD,
      UserAttributes: [{ Name: 'email', Value: address }],
    }),
  );

describe('AdminResetUserPassword', () => {
  it('sends a code, and sign-in asks for the reset until it is confirmed [D]', async () => {
    await house.createUser(pool, name);
    const answer = await raw(house.url, 'AdminResetUserPassword', { UserPoolId: pool, Username: name });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '{}' });
    expect(await statusOf()).toBe('RESET_REQUIRED');
    const [message] = await house.messages(address);
    expect(message?.triggerSource).toBe('CustomMessage_ForgotPassword');

    expect(await refusal(calls.signIn(name, PASSWORD))).toBe(RESET_REQUIRED);
    await calls.confirm(name, message?.code as string);
    expect(await statusOf()).toBe('CONFIRMED');
    await calls.signIn(name, NEW_PASSWORD);
    expect(await refusal(calls.signIn(name, PASSWORD))).toBe(WRONG_PASSWORD);
  });

  it('lets the user ask for a code of their own instead [D]', async () => {
    await house.createUser(pool, name);
    await adminReset();
    const first = await house.code(address);
    await calls.forgot(name);
    const second = await house.code(address);
    if (first !== second) expect(await refusal(calls.confirm(name, first))).toMatch(/^CodeMismatch/);
    await calls.confirm(name, second);
    expect(await statusOf()).toBe('CONFIRMED');
  });

  it('may be repeated [E]', async () => {
    await house.createUser(pool, name);
    await adminReset();
    await adminReset();
    expect(await house.messages(address)).toHaveLength(2);
    await calls.confirm(name, await house.code(address));
  });

  it('gives an hour: the code is then expired [D]', async () => {
    await house.createUser(pool, name);
    await adminReset();
    await house.advance('PT1H1S');
    expect(await refusal(calls.confirm(name, await house.code(address)))).toBe(EXPIRED);
  });

  it('of FORCE_CHANGE_PASSWORD is refused [Q]', async () => {
    await house.createUser(pool, name);
    await adminSet(PASSWORD, false);
    expect(await refusal(adminReset())).toBe(WRONG_STATE);
  });

  it('without a verified address is refused and changes nothing [Q]', async () => {
    await house.createUser(pool, name, [{ Name: 'email', Value: address }]);
    expect(await refusal(adminReset())).toBe(NO_ADDRESS);
    expect(await statusOf()).toBe('CONFIRMED');
    await calls.signIn(name);
  });

  it('of a disabled user is refused, without the full stop of a sign-in [Q]', async () => {
    await house.createUser(pool, name);
    await house.sdk.send(new AdminDisableUserCommand({ UserPoolId: pool, Username: name }));
    expect(await refusal(adminReset())).toBe('NotAuthorizedException: User is disabled');
  });

  it('of an unknown user says so, whatever the app clients hide [D]', async () => {
    expect(await refusal(adminReset('nobody'))).toBe(NO_USER);
  });

  it('of an unknown pool names it [E]', async () => {
    const command = new AdminResetUserPasswordCommand({ UserPoolId: 'us-east-1_nowhere', Username: name });
    expect(await refusal(house.sdk.send(command))).toBe(
      'ResourceNotFoundException: User pool us-east-1_nowhere does not exist.',
    );
  });

  it('needs self-service recovery: not in an admin_only pool [D; text E]', async () => {
    const closed = await house.createPool({
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'admin_only', Priority: 1 }] },
    });
    await house.createUser(closed, name);
    const command = new AdminResetUserPasswordCommand({ UserPoolId: closed, Username: name });
    expect(await refusal(house.sdk.send(command))).toBe(
      'NotAuthorizedException: Contact administrator to reset password.',
    );
  });
});

describe('AdminSetUserPassword', () => {
  it('Permanent confirms the user [D]', async () => {
    await signUp();
    expect(await statusOf()).toBe('UNCONFIRMED');
    const answer = await adminSet(NEW_PASSWORD, true);
    expect(Object.keys(answer)).toEqual(['$metadata']);
    expect(await statusOf()).toBe('CONFIRMED');
    await calls.signIn(name, NEW_PASSWORD);
  });

  it.each([[false], [undefined]])('Permanent %s demands a new one at sign-in [D]', async (permanent) => {
    await house.createUser(pool, name);
    await adminSet(NEW_PASSWORD, permanent);
    expect(await statusOf()).toBe('FORCE_CHANGE_PASSWORD');
    expect(await calls.signIn(name, NEW_PASSWORD)).toMatchObject({ ChallengeName: 'NEW_PASSWORD_REQUIRED' });
    expect(await refusal(calls.signIn(name, PASSWORD))).toBe(WRONG_PASSWORD);
  });

  it('sends nothing and verifies nothing [Q]', async () => {
    await house.createUser(pool, name, [{ Name: 'email', Value: address }]);
    await adminSet(NEW_PASSWORD, true);
    expect(await house.messages(address, 0)).toEqual([]);
    const { UserAttributes } = await adminGet();
    expect(UserAttributes).not.toContainEqual({ Name: 'email_verified', Value: 'true' });
  });

  it('ends a required reset, and the code under way no longer works', async () => {
    await house.createUser(pool, name);
    await adminReset();
    const code = await house.code(address);
    await adminSet('Passw0rd!third', true);
    expect(await statusOf()).toBe('CONFIRMED');
    expect(await refusal(calls.confirm(name, code))).toBe(EXPIRED);
    await calls.signIn(name, 'Passw0rd!third');
  });

  it('of a temporary password lets no reset code through that was asked for before', async () => {
    await house.createUser(pool, name);
    await calls.forgot(name);
    const code = await house.code(address);
    await adminSet(NEW_PASSWORD, false);
    expect(await refusal(calls.confirm(name, code))).toBe(EXPIRED);
  });

  it.each(weak)('refuses %s: %s [I: prefix of the reset]', async (password, reason) => {
    await house.createUser(pool, name);
    expect(await refusal(adminSet(password, true))).toBe(
      `InvalidPasswordException: Password does not conform to policy: ${reason}`,
    );
    await calls.signIn(name);
  });

  it('of an unknown user says so [Q]', async () => {
    expect(await refusal(adminSet(NEW_PASSWORD, true, 'nobody'))).toBe(NO_USER);
  });
});

describe('ChangePassword', () => {
  const change = (AccessToken: string, PreviousPassword?: string, ProposedPassword = NEW_PASSWORD) =>
    house.sdk.send(new ChangePasswordCommand({ AccessToken, PreviousPassword, ProposedPassword }));
  let token: string;
  beforeEach(async () => {
    await house.createUser(pool, name);
    token = (await calls.signIn(name)).AuthenticationResult?.AccessToken as string;
  });

  it('replaces the password that it is shown', async () => {
    const answer = await change(token, PASSWORD);
    expect(Object.keys(answer)).toEqual(['$metadata']);
    await calls.signIn(name, NEW_PASSWORD);
    expect(await refusal(calls.signIn(name, PASSWORD))).toBe(WRONG_PASSWORD);
    expect(await statusOf()).toBe('CONFIRMED');
  });

  it.each([
    ['is wrong [I]', 'Passw0rd!wrong'],
    ['is left out by somebody who has one [D]', undefined],
  ])('is refused when the previous password %s', async (_, previous) => {
    expect(await refusal(change(token, previous))).toBe(WRONG_PASSWORD);
    await calls.signIn(name, PASSWORD);
  });

  it.each(weak)('refuses %s: %s [Q]', async (password, reason) => {
    expect(await refusal(change(token, PASSWORD, password))).toBe(
      `InvalidPasswordException: Password does not conform to policy: ${reason}`,
    );
  });

  it('is possible five times an hour [D, Q]', async () => {
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(await refusal(change(token, 'Passw0rd!wrong'))).toBe(WRONG_PASSWORD);
    }
    expect(await refusal(change(token, PASSWORD))).toBe(LIMITED);
    await house.advance('PT1H1S');
    const fresh = (await calls.signIn(name)).AuthenticationResult?.AccessToken as string;
    await change(fresh, PASSWORD);
  });

  it('keeps the sessions [Q]', async () => {
    await change(token, PASSWORD);
    expect(await calls.whoAmI(token)).toBe(name);
  });

  it('ends a reset code under way', async () => {
    await calls.forgot(name);
    const code = await house.code(address);
    await change(token, PASSWORD);
    expect(await refusal(calls.confirm(name, code))).toBe(EXPIRED);
  });

  it('does not get round a reset that an administrator requires', async () => {
    await adminReset();
    expect(await refusal(change(token, PASSWORD))).toBe(RESET_REQUIRED);
    await calls.confirm(name, await house.code(address));
  });

  it('with a made-up token is refused', async () => {
    expect(await refusal(change('eyJ.no.token', PASSWORD))).toBe(
      'NotAuthorizedException: Invalid Access Token',
    );
  });
});

describe('one policy, three complaints', () => {
  const complaint = async (call: Promise<unknown>) =>
    (await refusal(call)).split(': ').slice(0, 2).join(': ');

  it('SignUp, AdminCreateUser and the resets begin theirs each in its own way [Q]', async () => {
    await house.createUser(pool, name);
    const admin = { UserPoolId: pool, Username: newName(), TemporaryPassword: 'Aa1!x' };
    expect(
      await complaint(
        house.sdk.send(new SignUpCommand({ ClientId, Username: newName(), Password: 'Aa1!x' })),
      ),
    ).toBe('InvalidPasswordException: Password did not conform with policy');
    expect(await complaint(house.sdk.send(new AdminCreateUserCommand(admin)))).toBe(
      'InvalidPasswordException: Password did not conform with password policy',
    );
    expect(await complaint(adminSet('Aa1!x', true))).toBe(
      'InvalidPasswordException: Password does not conform to policy',
    );
  });

  it('a policy that is relaxed is relaxed at once', async () => {
    await house.createUser(pool, name);
    const relaxed = { UserPoolId: pool, Policies: { PasswordPolicy: { MinimumLength: 6 } } };
    await house.sdk.send(new UpdateUserPoolCommand(relaxed));
    await adminSet('aaaaaa', true);
    await calls.signIn(name, 'aaaaaa');
  });
});
