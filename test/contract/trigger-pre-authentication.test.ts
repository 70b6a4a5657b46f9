import {
  AdminDisableUserCommand,
  AdminInitiateAuthCommand,
  type AuthFlowType,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FunctionHouse, openFunctionHouse } from '../support/functions.ts';
import { PASSWORD } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';
import { refresh, secretHash, signIn } from '../support/sign-in.ts';
import { srpClient } from '../support/srp-client.ts';

// PreAuthentication runs before any password is looked at, for users and, where they are hidden, for nobody alike. What
// is asked of AWS is a table of calls that somebody made of it.
const SOURCE = 'PreAuthentication_Authentication';
const WRONG = 'NotAuthorizedException: Incorrect username or password.';
const REFUSED = 'UserLambdaValidationException: PreAuthentication failed with error Not today.';
const FLOWS = [
  'ALLOW_USER_SRP_AUTH',
  'ALLOW_USER_PASSWORD_AUTH',
  'ALLOW_ADMIN_USER_PASSWORD_AUTH',
  'ALLOW_USER_AUTH',
  'ALLOW_CUSTOM_AUTH',
  'ALLOW_REFRESH_TOKEN_AUTH',
] as const;

let house: FunctionHouse;
let pool: string;
let open: { ClientId: string };
let hiding: { ClientId: string };
beforeAll(async () => {
  house = await openFunctionHouse();
  const LambdaConfig = house.functions.config('PreAuthentication', 'DefineAuthChallenge');
  pool = await house.createPool({ LambdaConfig });
  open = await house.createClient(pool, { ExplicitAuthFlows: [...FLOWS] });
  hiding = await house.createClient(pool, {
    ExplicitAuthFlows: [...FLOWS],
    PreventUserExistenceErrors: 'ENABLED',
  });
  await house.createUser(pool, 'ann');
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => house.functions.reset());

const initiate = (
  AuthFlow: AuthFlowType,
  AuthParameters: Record<string, string>,
  { ClientId } = open,
  ClientMetadata?: Record<string, string>,
) => house.sdk.send(new InitiateAuthCommand({ ClientId, AuthFlow, AuthParameters, ClientMetadata }));
const byPassword = (USERNAME: string, password = PASSWORD, client = open) =>
  initiate('USER_PASSWORD_AUTH', { USERNAME, PASSWORD: password }, client);
const events = () => house.functions.events(SOURCE);

describe('its event', () => {
  it('has the attributes of the user, and null where no ClientMetadata came', async () => {
    await byPassword('ann');
    const [event, ...more] = events();
    expect(more).toEqual([]);
    expect(event).toEqual({
      version: '1',
      region: 'us-east-1',
      userPoolId: pool,
      userName: 'ann',
      callerContext: { awsSdkVersion: expect.stringMatching(/^aws-sdk-/), clientId: open.ClientId },
      triggerSource: SOURCE,
      request: {
        userAttributes: {
          sub: expect.stringMatching(/^[0-9a-f-]{36}$/),
          'cognito:user_status': 'CONFIRMED',
          email: 'ann@example.com',
          email_verified: 'true',
        },
        validationData: null,
      },
      response: {},
    });
  });

  it('has the ClientMetadata as validationData, and says userNotFound where users are hidden', async () => {
    const parameters = { USERNAME: 'ann', PASSWORD };
    await initiate('USER_PASSWORD_AUTH', parameters, hiding, { captcha: 'right' });
    expect(await refusal(byPassword('nobody', PASSWORD, hiding))).toBe(WRONG);
    const [known, unknown] = events();
    expect(known?.request).toMatchObject({ validationData: { captcha: 'right' }, userNotFound: false });
    expect(known?.request).not.toHaveProperty('clientMetadata');
    expect(Object.keys(known?.request)).toEqual(['userAttributes', 'validationData', 'userNotFound']);
    expect(unknown?.userName).toBe('nobody');
    expect(unknown?.request).toEqual({ userAttributes: {}, validationData: null, userNotFound: true });
  });
});

describe('it runs', () => {
  const srp = () => ({ SRP_A: srpClient(pool).SRP_A });
  it.each([
    ['USER_PASSWORD_AUTH', () => ({ PASSWORD })],
    ['USER_SRP_AUTH', srp],
    ['USER_AUTH', () => ({})],
    ['USER_AUTH', () => ({ PREFERRED_CHALLENGE: 'PASSWORD', PASSWORD })],
    ['CUSTOM_AUTH', () => ({})],
  ] as const)('once, by %s', async (flow, more) => {
    house.functions.answer('DefineAuthChallenge_Authentication', { issueTokens: true });
    await initiate(flow, { USERNAME: 'ann', ...more() });
    expect(events()).toHaveLength(1);
    house.functions.fail(SOURCE, 'Not today');
    expect(await refusal(initiate(flow, { USERNAME: 'ann', ...more() }))).toBe(REFUSED);
  });

  it('for administrators as well', async () => {
    const AuthParameters = { USERNAME: 'ann', PASSWORD };
    const input = {
      UserPoolId: pool,
      ...hiding,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters,
    } as const;
    const ClientMetadata = { desk: '7' };
    await house.sdk.send(
      new AdminInitiateAuthCommand({ ...input, ClientId: hiding.ClientId, ClientMetadata }),
    );
    expect(events()[0]?.request).toMatchObject({ validationData: { desk: '7' }, userNotFound: false });
  });

  it('before the password is looked at: its error is what a wrong one gets, and no attempt is counted', async () => {
    await house.createUser(pool, 'bob');
    house.functions.fail(SOURCE, 'Not today');
    for (let guess = 0; guess < 6; guess += 1)
      expect(await refusal(byPassword('bob', 'Wrong-1-word'))).toBe(REFUSED);
    expect(await refusal(byPassword('nobody', PASSWORD, hiding))).toBe(REFUSED);
    house.functions.reset();
    await byPassword('bob');
  });

  it('for a wrong password and a password of any length', async () => {
    expect(await refusal(byPassword('ann', 'Wrong-1-word'))).toBe(WRONG);
    expect(await refusal(byPassword('ann', 'x'.repeat(257)))).toBe(WRONG);
    await byPassword('ann');
    expect(events()).toHaveLength(3);
  });

  it('for a user who is disabled', async () => {
    await house.createUser(pool, 'banned');
    await house.sdk.send(new AdminDisableUserCommand({ UserPoolId: pool, Username: 'banned' }));
    expect(await refusal(byPassword('banned'))).toBe('NotAuthorizedException: User is disabled.');
    expect(events()).toHaveLength(1);
  });
});

describe('it does not run', () => {
  it('for parameters that are missing, or a wrong secret hash', async () => {
    const secret = await house.createClient(pool, { GenerateSecret: true });
    const without = initiate('USER_PASSWORD_AUTH', { USERNAME: '', PASSWORD });
    expect(await refusal(without)).toBe('InvalidParameterException: Missing required parameter USERNAME');
    expect(await refusal(byPassword('ann', ''))).toMatch('Missing required parameter PASSWORD');
    const parameters = { USERNAME: 'ann', PASSWORD, SECRET_HASH: secretHash(secret, 'bob') };
    expect(await refusal(initiate('USER_PASSWORD_AUTH', parameters, secret))).toMatch('Unable to verify');
    expect(events()).toEqual([]);
  });

  it('for a name that nobody has, where that is told', async () => {
    expect(await refusal(byPassword('nobody'))).toBe('UserNotFoundException: User does not exist.');
    expect(events()).toEqual([]);
  });

  it('for a refresh token, nor for the steps after the first', async () => {
    const { RefreshToken } = await signIn(house, open.ClientId, 'ann');
    const asked = await initiate('USER_AUTH', { USERNAME: 'ann' });
    expect(asked.ChallengeName).toBe('SELECT_CHALLENGE');
    expect(events()).toHaveLength(2);
    await refresh(house, open.ClientId, RefreshToken);
    expect(events()).toHaveLength(2);
  });
});
