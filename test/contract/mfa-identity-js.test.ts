import { AdminSetUserPasswordCommand } from '@aws-sdk/client-cognito-identity-provider';
import {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserPool,
  type CognitoUserSession,
  type UserData,
} from 'amazon-cognito-identity-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { call, failing, memoryStorage } from '../support/identity-js.ts';
import { type Authenticator, authenticator } from '../support/mfa.ts';
import { type MfaPool, newPhone, openMfaPool, otherCode } from '../support/mfa-sign-in.ts';
import { newName } from '../support/recovery-calls.ts';

const APP = 'SOFTWARE_TOKEN_MFA';

let house: House;
let required: MfaPool;
let optional: MfaPool;
let name: string;

beforeAll(async () => {
  house = await openHouse();
  required = await openMfaPool(house, 'ON', ['SMS_MFA', APP], {}, { ExplicitAuthFlows: undefined });
  optional = await openMfaPool(house, 'OPTIONAL', ['SMS_MFA', APP], {}, { ExplicitAuthFlows: undefined });
});
beforeEach(() => {
  name = newName();
});
afterAll(() => house[Symbol.asyncDispose]());

function userOf({ id, client }: MfaPool): CognitoUser {
  const Storage = memoryStorage();
  const { ClientId } = client;
  const Pool = new CognitoUserPool({ UserPoolId: id, ClientId, endpoint: house.url, Storage });
  return new CognitoUser({ Username: name, Pool, Storage });
}

/** Which callback a sign-in came to, with what it was given. */
type Came = { to: string; with?: unknown; session?: CognitoUserSession };

/** Every callback that a step of a sign-in may come to. */
function callbacks(resolve: (came: Came) => void, reject: (error: unknown) => void) {
  const to = (callback: string) => (_: unknown, parameters: unknown) =>
    resolve({ to: callback, with: parameters });
  return {
    onSuccess: (session: CognitoUserSession) => resolve({ to: 'onSuccess', session }),
    onFailure: reject,
    newPasswordRequired: to('newPasswordRequired'),
    mfaRequired: to('mfaRequired'),
    totpRequired: to('totpRequired'),
    selectMFAType: to('selectMFAType'),
    mfaSetup: to('mfaSetup'),
  };
}
type Callbacks = ReturnType<typeof callbacks>;

const step = (run: (callbacks: Callbacks) => void): Promise<Came> =>
  new Promise((resolve, reject) => run(callbacks(resolve, reject)));
const authenticate = (user: CognitoUser) =>
  step((all) =>
    user.authenticateUser(new AuthenticationDetails({ Username: name, Password: PASSWORD }), all),
  );
const sendCode = (user: CognitoUser, code: string, type?: string) =>
  step((all) => user.sendMFACode(code, all, type));
const choose = (user: CognitoUser, type: string) => step((all) => user.sendMFASelectionAnswer(type, all));

/** AssociateSoftwareToken, by the session of the challenge or by the access token. */
const associate = (user: CognitoUser) =>
  new Promise<Authenticator>((resolve, onFailure) =>
    user.associateSoftwareToken({
      associateSecretCode: (secret) => resolve(authenticator(house, secret)),
      onFailure,
    }),
  );
const verify = (user: CognitoUser, code: string) =>
  new Promise<unknown>((onSuccess, onFailure) =>
    user.verifySoftwareToken(code, 'Phone', { onSuccess, onFailure }),
  );
const prefer = (user: CognitoUser, sms: object | null, totp: object | null) =>
  call<string>((callback) => user.setUserMfaPreference(sms as never, totp as never, callback));
const dataOf = (user: CognitoUser) =>
  call<UserData>((callback) => user.getUserData(callback, { bypassCache: true }));

/** Somebody who is signed in to the pool where MFA is optional, and has an authenticator app there. */
async function signedIn() {
  await optional.createUser(name);
  const user = userOf(optional);
  await authenticate(user);
  const app = await associate(user);
  await verify(user, await app.code());
  return { user, app };
}

describe('amazon-cognito-identity-js, where MFA is required', () => {
  it('sets up an authenticator app, and is signed in by that', async () => {
    await required.createUser(name);
    const user = userOf(required);
    expect(await authenticate(user)).toEqual({
      to: 'mfaSetup',
      with: { MFAS_CAN_SETUP: '["SMS_MFA","SOFTWARE_TOKEN_MFA"]', USER_ID_FOR_SRP: name },
    });
    const app = await associate(user);
    expect(await failing(verify(user, await app.wrongCode()))).toBe(
      'EnableSoftwareTokenMFAException: Code mismatch and fail enable Software Token MFA',
    );
    const session = (await verify(user, await app.code())) as CognitoUserSession;
    expect(session.isValid()).toBe(true);
    expect(user.getSignInUserSession()?.isValid()).toBe(true);

    const later = userOf(required);
    expect(await authenticate(later)).toEqual({
      to: 'totpRequired',
      with: { USER_ID_FOR_SRP: name, FRIENDLY_DEVICE_NAME: 'Phone' },
    });
    expect(await failing(sendCode(later, await app.wrongCode(), APP))).toBe(
      'CodeMismatchException: Invalid code received for user',
    );
    const { to, session: next } = await sendCode(later, await app.code(), APP);
    expect(to).toBe('onSuccess');
    expect(next?.getAccessToken().payload['username']).toBe(name);
  });

  it('enters a code that was sent by SMS', async () => {
    const phone_number = newPhone();
    await required.createUser(name, { phone_number });
    const user = userOf(required);
    expect(await authenticate(user)).toEqual({
      to: 'mfaRequired',
      with: {
        CODE_DELIVERY_DELIVERY_MEDIUM: 'SMS',
        CODE_DELIVERY_DESTINATION: `+*******${phone_number.slice(-4)}`,
        USER_ID_FOR_SRP: name,
      },
    });
    const code = await house.code(phone_number);
    expect(await failing(sendCode(user, otherCode(code)))).toBe(
      'CodeMismatchException: Invalid code or auth state for the user.',
    );
    const { session } = await sendCode(user, code);
    expect(session?.getIdToken().payload).toMatchObject({ phone_number, phone_number_verified: true });
  });

  it('completes NEW_PASSWORD_REQUIRED before it', async () => {
    await house.createUser(required.id, name, []);
    const user = userOf(required);
    const whose = { UserPoolId: required.id, Username: name };
    await house.sdk.send(new AdminSetUserPasswordCommand({ ...whose, Password: PASSWORD, Permanent: false }));
    expect((await authenticate(user)).to).toBe('newPasswordRequired');
    const { to } = await step((all) => user.completeNewPasswordChallenge(NEW_PASSWORD, {}, all));
    expect(to).toBe('mfaSetup');
    const app = await associate(user);
    expect(((await verify(user, await app.code())) as CognitoUserSession).isValid()).toBe(true);
  });
});

describe('amazon-cognito-identity-js, where MFA is optional', () => {
  it('signs in with the password alone until a factor is preferred', async () => {
    const { user, app } = await signedIn();
    expect((await authenticate(userOf(optional))).to).toBe('onSuccess');
    expect(await prefer(user, null, { PreferredMfa: true, Enabled: true })).toBe('SUCCESS');
    const later = userOf(optional);
    expect((await authenticate(later)).to).toBe('totpRequired');
    expect((await sendCode(later, await app.code(), APP)).to).toBe('onSuccess');
    expect(await prefer(user, null, { PreferredMfa: false, Enabled: false })).toBe('SUCCESS');
    expect((await authenticate(userOf(optional))).to).toBe('onSuccess');
  });

  it('lets the user choose, and goes on to what was chosen', async () => {
    const { user, app } = await signedIn();
    const phone_number = newPhone();
    await optional.update(name, { phone_number });
    const on = { PreferredMfa: false, Enabled: true };
    await prefer(user, on, on);

    const byApp = userOf(optional);
    expect(await authenticate(byApp)).toEqual({
      to: 'selectMFAType',
      with: { MFAS_CAN_CHOOSE: '["SMS_MFA","SOFTWARE_TOKEN_MFA"]', USER_ID_FOR_SRP: name },
    });
    expect((await choose(byApp, APP)).to).toBe('totpRequired');
    expect((await sendCode(byApp, await app.code(), APP)).to).toBe('onSuccess');

    const bySms = userOf(optional);
    await authenticate(bySms);
    expect(await choose(bySms, 'SMS_MFA')).toMatchObject({
      to: 'mfaRequired',
      with: { CODE_DELIVERY_DESTINATION: `+*******${phone_number.slice(-4)}` },
    });
    expect((await sendCode(bySms, await house.code(phone_number))).to).toBe('onSuccess');
  });

  it('sets each preference and leaves the other alone: it sends null for that', async () => {
    const { user } = await signedIn();
    await optional.update(name, { phone_number: newPhone() });
    await prefer(user, { PreferredMfa: true, Enabled: true }, null);
    expect(await dataOf(user)).toMatchObject({
      PreferredMfaSetting: 'SMS_MFA',
      UserMFASettingList: ['SMS_MFA'],
    });
    await prefer(user, null, { PreferredMfa: true, Enabled: true });
    expect(await dataOf(user)).toMatchObject({
      PreferredMfaSetting: APP,
      UserMFASettingList: ['SMS_MFA', APP],
    });
    await prefer(user, null, null);
    expect(await dataOf(user)).toMatchObject({ PreferredMfaSetting: APP });
  });

  it('switches SMS on and off in the older way', async () => {
    const { user } = await signedIn();
    const phone_number = newPhone();
    await optional.update(name, { phone_number });
    expect(await call((callback) => user.getMFAOptions(callback))).toBeUndefined();
    expect(await call((callback) => user.enableMFA(callback))).toBe('SUCCESS');
    expect(await call((callback) => user.getMFAOptions(callback))).toEqual([
      { AttributeName: 'phone_number', DeliveryMedium: 'SMS' },
    ]);
    const later = userOf(optional);
    expect((await authenticate(later)).to).toBe('mfaRequired');
    expect((await sendCode(later, await house.code(phone_number))).to).toBe('onSuccess');
    expect(await call((callback) => user.disableMFA(callback))).toBe('SUCCESS');
    expect(await call((callback) => user.getMFAOptions(callback))).toBeUndefined();
    expect((await authenticate(userOf(optional))).to).toBe('onSuccess');
  });

  it('is told that there is no factor to switch on', async () => {
    await optional.createUser(name);
    const user = userOf(optional);
    await authenticate(user);
    const on = { PreferredMfa: true, Enabled: true };
    const without = (factor: string) =>
      `InvalidParameterException: User does not have delivery config set to turn on ${factor}`;
    expect(await failing(prefer(user, null, on))).toBe(without(APP));
    expect(await failing(prefer(user, on, null))).toBe(without('SMS_MFA'));
  });

  it('reads no factor of a user who has none', async () => {
    await optional.createUser(name);
    const user = userOf(optional);
    await authenticate(user);
    const data = await dataOf(user);
    expect(data?.Username).toBe(name);
    for (const member of ['MFAOptions', 'PreferredMfaSetting', 'UserMFASettingList']) {
      expect(data).not.toHaveProperty(member);
    }
  });
});
