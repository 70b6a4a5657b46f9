import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminResetUserPasswordCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  ChangePasswordCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { newName, type RecoveryCalls, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { signIn, type Tokens } from '../support/sign-in.ts';

const NO_ADDRESS =
  'InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number';
const WRONG_STATE = 'NotAuthorizedException: User password cannot be reset in the current state.';
const DISABLED = 'NotAuthorizedException: User is disabled.';
const RESET_REQUIRED = 'PasswordResetRequiredException: Password reset required for the user';
const EXPIRED =
  'NotAuthorizedException: Temporary password has expired and must be reset by an administrator.';

let house: House;
let UserPoolId: string;
let ClientId: string;
let calls: RecoveryCalls;
let Username: string;
beforeAll(async () => {
  house = await openHouse();
  UserPoolId = await house.createPool({
    Policies: { PasswordPolicy: { MinimumLength: 8, TemporaryPasswordValidityDays: 2 } },
  });
  ({ ClientId } = await house.createClient(UserPoolId, { RefreshTokenValidity: 30 }));
  calls = recoveryCalls(house, { ClientId });
});
beforeEach(() => {
  Username = newName('state');
});
afterAll(() => house[Symbol.asyncDispose]());

const user = () => ({ UserPoolId, Username });
const setPassword = (Password: string, Permanent: boolean) =>
  house.sdk.send(new AdminSetUserPasswordCommand({ ...user(), Password, Permanent }));
const reset = () => house.sdk.send(new AdminResetUserPasswordCommand(user()));
const disable = () => house.sdk.send(new AdminDisableUserCommand(user()));
const invite = (MessageAction: 'SUPPRESS' | 'RESEND') =>
  house.sdk.send(
    new AdminCreateUserCommand({
      ...user(),
      TemporaryPassword: PASSWORD,
      MessageAction,
      UserAttributes: [{ Name: 'email', Value: `${Username}@example.com` }],
    }),
  );
const signUp = () =>
  house.sdk.send(
    new SignUpCommand({
      ClientId,
      Username,
      Password: PASSWORD,
      UserAttributes: [{ Name: 'email', Value: `${Username}@example.com` }],
    }),
  );
const verifyEmail = () =>
  house.sdk.send(
    new AdminUpdateUserAttributesCommand({
      ...user(),
      UserAttributes: [
        { Name: 'email', Value: `${Username}@example.com` },
        { Name: 'email_verified', Value: 'true' },
      ],
    }),
  );
async function state() {
  const { UserStatus, Enabled } = await house.sdk.send(new AdminGetUserCommand(user()));
  return `${UserStatus}${Enabled ? '' : ', disabled'}`;
}
const outcomeOf = async (call: Promise<unknown>) =>
  call.then(
    () => 'ok',
    (error: Error) => `${error.name}: ${error.message}`,
  );

/** How a user gets into each state. */
const states = {
  UNCONFIRMED: signUp,
  'UNCONFIRMED, verified by an administrator': async () => {
    await signUp();
    await verifyEmail();
  },
  CONFIRMED: () => house.createUser(UserPoolId, Username),
  RESET_REQUIRED: async () => {
    await house.createUser(UserPoolId, Username);
    await reset();
  },
  FORCE_CHANGE_PASSWORD: async () => {
    await invite('SUPPRESS');
    await verifyEmail();
  },
};
type State = keyof typeof states;

describe('AdminResetUserPassword of a user who is', () => {
  it.each<[State, string, string]>([
    ['UNCONFIRMED', NO_ADDRESS, 'UNCONFIRMED'],
    ['UNCONFIRMED, verified by an administrator', 'ok', 'RESET_REQUIRED'],
    ['CONFIRMED', 'ok', 'RESET_REQUIRED'],
    ['RESET_REQUIRED', 'ok', 'RESET_REQUIRED'],
    ['FORCE_CHANGE_PASSWORD', WRONG_STATE, 'FORCE_CHANGE_PASSWORD'],
  ])('%s: %s, and then they are %s', async (before, outcome, after) => {
    await states[before]();
    expect(await outcomeOf(reset())).toBe(outcome);
    expect(await state()).toBe(after);
  });

  it.each(Object.keys(states) as State[])(
    '%s and disabled: told so first, and nothing changes',
    async (before) => {
      await states[before]();
      const was = await state();
      await disable();
      expect(await outcomeOf(reset())).toBe('NotAuthorizedException: User is disabled');
      expect(await state()).toBe(`${was}, disabled`);
    },
  );
});

describe.each([
  [true, 'CONFIRMED'],
  [false, 'FORCE_CHANGE_PASSWORD'],
] as const)('AdminSetUserPassword with Permanent %s', (permanent, after) => {
  it.each(Object.keys(states) as State[])('of a user who is %s succeeds [Q, D]', async (before) => {
    await states[before]();
    await setPassword(NEW_PASSWORD, permanent);
    expect(await state()).toBe(after);
    expect(await calls.signIn(Username, NEW_PASSWORD)).toMatchObject(
      permanent ? { AuthenticationResult: {} } : { ChallengeName: 'NEW_PASSWORD_REQUIRED' },
    );
  });

  it.each(Object.keys(states) as State[])(
    'of a user who is %s and disabled leaves them disabled',
    async (before) => {
      await states[before]();
      await disable();
      await setPassword(NEW_PASSWORD, permanent);
      expect(await state()).toBe(`${after}, disabled`);
      expect(await refusal(calls.signIn(Username, NEW_PASSWORD))).toBe(DISABLED);
    },
  );
});

describe('who is signed in stays so, as on Amazon Cognito [Q]: tokens outlive', () => {
  let tokens: Tokens;
  beforeEach(async () => {
    await house.createUser(UserPoolId, Username);
    tokens = await signIn(house, ClientId, Username);
  });
  const change = (previous: string) =>
    house.sdk.send(
      new ChangePasswordCommand({
        AccessToken: tokens.AccessToken,
        PreviousPassword: previous,
        ProposedPassword: NEW_PASSWORD,
      }),
    );
  const code = () => house.code(`${Username}@example.com`);

  it.each<[string, () => Promise<unknown>]>([
    ['AdminResetUserPassword', reset],
    ['AdminSetUserPassword, permanent', () => setPassword(NEW_PASSWORD, true)],
    ['AdminSetUserPassword, temporary', () => setPassword(NEW_PASSWORD, false)],
    ['ChangePassword', () => change(PASSWORD)],
    [
      'ForgotPassword and ConfirmForgotPassword',
      async () => {
        await calls.forgot(Username);
        await calls.confirm(Username, await code());
      },
    ],
    [
      'a reset by an administrator that the user completed',
      async () => {
        await reset();
        await calls.confirm(Username, await code());
      },
    ],
  ])('%s', async (_, happen) => {
    await happen();
    expect(await calls.whoAmI(tokens.AccessToken)).toBe(Username);
    const renewed = await calls.refresh(tokens.RefreshToken);
    expect(await calls.whoAmI(renewed?.AccessToken as string)).toBe(Username);
  });

  it('but ChangePassword waits for the reset that an administrator wants [D]', async () => {
    await reset();
    expect(await refusal(change(PASSWORD))).toBe(RESET_REQUIRED);
    expect(await state()).toBe('RESET_REQUIRED');
  });

  it('and ChangePassword of a temporary password leaves it one: it is to be replaced, and ends when it did', async () => {
    await setPassword(PASSWORD, false);
    await change(PASSWORD);
    expect(await state()).toBe('FORCE_CHANGE_PASSWORD');
    expect(await calls.signIn(Username, NEW_PASSWORD)).toMatchObject({
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
    });
    await house.advance('P2DT1S');
    expect(await refusal(calls.signIn(Username, NEW_PASSWORD))).toBe(EXPIRED);
    ({ AccessToken: tokens.AccessToken } = (await calls.refresh(tokens.RefreshToken)) as Tokens);
    expect(await refusal(change(NEW_PASSWORD))).toBe(EXPIRED);
  });
});

describe('a temporary password', () => {
  const challenge = { ChallengeName: 'NEW_PASSWORD_REQUIRED' };

  it.each<[string, () => Promise<unknown>]>([
    ['AdminCreateUser', () => invite('SUPPRESS')],
    [
      'AdminSetUserPassword',
      async () => {
        await house.createUser(UserPoolId, Username);
        await setPassword(PASSWORD, false);
      },
    ],
  ])(
    'of %s is good for TemporaryPasswordValidityDays [D], and its end is told after it was shown [Q]',
    async (_, give) => {
      await give();
      await house.advance('P1DT23H59M');
      expect(await calls.signIn(Username)).toMatchObject(challenge);
      await house.advance('PT1M1S');
      expect(await refusal(calls.signIn(Username))).toBe(EXPIRED);
      expect(await refusal(calls.signIn(Username, 'Passw0rd!other'))).toBe(
        'NotAuthorizedException: Incorrect username or password.',
      );
      expect(await state()).toBe('FORCE_CHANGE_PASSWORD');
    },
  );

  it.each<[string, () => Promise<unknown>]>([
    ['AdminCreateUser with RESEND', () => invite('RESEND')],
    ['AdminSetUserPassword', () => setPassword(PASSWORD, false)],
  ])('that has expired is renewed by %s, for as long again [D]', async (_, renew) => {
    await invite('SUPPRESS');
    await house.advance('P3D');
    await renew();
    await house.advance('P1DT23H');
    expect(await calls.signIn(Username)).toMatchObject(challenge);
    await house.advance('PT1H1S');
    expect(await refusal(calls.signIn(Username))).toBe(EXPIRED);
  });

  it('that has expired is none that a reset helps out of, by whomever it is asked for [Q]', async () => {
    await states.FORCE_CHANGE_PASSWORD();
    await house.advance('P3D');
    expect(await refusal(reset())).toBe(WRONG_STATE);
    expect(await refusal(calls.forgot(Username))).toBe(WRONG_STATE);
  });

  it('leaves no end behind once it was replaced by a permanent one', async () => {
    await invite('SUPPRESS');
    await setPassword(NEW_PASSWORD, true);
    await house.advance('P30D');
    expect(await calls.signIn(Username, NEW_PASSWORD)).toMatchObject({ AuthenticationResult: {} });
  });
});
