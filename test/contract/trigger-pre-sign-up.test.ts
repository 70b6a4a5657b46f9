import {
  AdminCreateUserCommand,
  type AdminCreateUserCommandInput,
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  ListUsersCommand,
  SignUpCommand,
  type SignUpCommandInput,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type FunctionHouse, openFunctionHouse } from '../support/functions.ts';
import { PASSWORD } from '../support/house.ts';
import { newName, type RecoveryCalls, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const SignUp = 'PreSignUp_SignUp';
const AdminCreateUser = 'PreSignUp_AdminCreateUser';
const Confirmed = 'PostConfirmation_ConfirmSignUp';
const TAKEN = 'UsernameExistsException: User already exists';
const NOBODY = 'UserNotFoundException: User does not exist.';
const UNRECOGNIZABLE = 'InvalidLambdaResponseException: Unrecognizable lambda output';
const EVERYTHING = { autoConfirmUser: true, autoVerifyEmail: true, autoVerifyPhone: true };

let house: FunctionHouse;
let pool: string;
let ClientId: string;
let calls: RecoveryCalls;
beforeAll(async () => {
  house = await openFunctionHouse();
  const LambdaConfig = house.functions.config('PreSignUp', 'PostConfirmation');
  pool = await house.createPool({ AliasAttributes: ['email'], LambdaConfig });
  ({ ClientId } = await house.createClient(pool));
  calls = recoveryCalls(house, { ClientId });
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => house.functions.reset());

const addressOf = (name: string) => `${name}@example.com`;
const signUp = (Username: string, more: Partial<SignUpCommandInput> = {}) =>
  house.sdk.send(
    new SignUpCommand({
      ClientId,
      Username,
      Password: PASSWORD,
      UserAttributes: attributeList({ email: addressOf(Username) }),
      ...more,
    }),
  );
const create = (Username: string, more: Partial<AdminCreateUserCommandInput> = {}) =>
  house.sdk.send(
    new AdminCreateUserCommand({
      UserPoolId: pool,
      Username,
      UserAttributes: attributeList({ email: addressOf(Username), email_verified: 'true' }),
      DesiredDeliveryMediums: ['EMAIL'],
      ...more,
    }),
  );
async function get(Username: string, UserPoolId = pool) {
  const user = await house.sdk.send(new AdminGetUserCommand({ UserPoolId, Username }));
  const attributes = Object.fromEntries(user.UserAttributes?.map(({ Name, Value }) => [Name, Value]) ?? []);
  return { status: user.UserStatus, attributes };
}
const eventOf = (source: string, userName: string, clientId: string, request: object) => ({
  version: '1',
  region: 'us-east-1',
  userPoolId: pool,
  userName,
  callerContext: { awsSdkVersion: expect.stringMatching(/^aws-sdk-js-3\./), clientId },
  triggerSource: source,
  request,
  response: { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false },
});

describe('SignUp', () => {
  it('tells the function who wants to be a user: neither sub nor status, for there is none [C]', async () => {
    const name = newName();
    await signUp(name);
    const event = house.functions.last(SignUp);
    const request = { userAttributes: { email: addressOf(name) }, validationData: null };
    const expected = eventOf(SignUp, name, ClientId, request);
    expect(event).toEqual(expected);
    expect(Object.keys(event)).toEqual(Object.keys(expected));
    expect(Object.keys(event.request)).toEqual(Object.keys(request));
  });

  it('hands on ValidationData and ClientMetadata, and keeps neither', async () => {
    const name = newName();
    await signUp(name, {
      ValidationData: attributeList({ 'cognito:iOSVersion': '17', __proto__x: '' }),
      ClientMetadata: { campaign: 'spring' },
    });
    expect(house.functions.last(SignUp).request).toMatchObject({
      validationData: { 'cognito:iOSVersion': '17', __proto__x: '' },
      clientMetadata: { campaign: 'spring' },
    });
    expect(Object.keys((await get(name)).attributes).sort()).toEqual(['email', 'sub']);
  });

  it('names the user by the generated username where an address is typed', async () => {
    const LambdaConfig = house.functions.config('PreSignUp');
    const byEmail = await house.createPool({ UsernameAttributes: ['email'], LambdaConfig });
    const client = await house.createClient(byEmail);
    const Username = addressOf(newName());
    const { UserSub } = await signUp(Username, { ClientId: client.ClientId, UserAttributes: [] });
    const { userName, request } = house.functions.last(SignUp);
    expect(userName).toBe(UserSub);
    expect(request.userAttributes).toEqual({ email: Username });

    // To be vouched for makes nobody the owner of a name that is somebody else's.
    house.functions.answer(SignUp, { autoConfirmUser: true, autoVerifyEmail: true });
    const again = signUp(Username, { ClientId: client.ClientId, UserAttributes: [] });
    expect(await refusal(again)).toBe(TAKEN);
    expect((await get(Username, byEmail)).attributes['sub']).toBe(UserSub);
  });

  it('asks after the rules of the pool, and before it looks for the name', async () => {
    const name = newName();
    expect(await refusal(signUp(name, { Password: 'short' }))).toMatch(/^InvalidPasswordException/);
    const unknown = attributeList({ 'custom:unknown': 'x' });
    expect(await refusal(signUp(name, { UserAttributes: unknown }))).toMatch(
      /^InvalidParameterException|^NotAuth/,
    );
    expect(house.functions.events()).toEqual([]);
    await signUp(name);
    expect(await refusal(signUp(name))).toBe(TAKEN);
    expect(house.functions.events(SignUp)).toHaveLength(2);
  });

  it('lets the function make room for a name', async () => {
    const name = newName();
    const { UserSub } = await signUp(name);
    house.functions.does(SignUp, () => {
      void house.sdk.send(new AdminDeleteUserCommand({ UserPoolId: pool, Username: name }));
      return { waits: 200 };
    });
    expect((await signUp(name)).UserSub).not.toBe(UserSub);
  });

  it('asks nothing where only administrators make users', async () => {
    const AdminCreateUserConfig = { AllowAdminCreateUserOnly: true };
    const LambdaConfig = house.functions.config('PreSignUp');
    const closed = await house.createClient(await house.createPool({ AdminCreateUserConfig, LambdaConfig }));
    expect(await refusal(signUp(newName(), { ClientId: closed.ClientId }))).toBe(
      'NotAuthorizedException: SignUp is not permitted for this user pool',
    );
    expect(house.functions.events()).toEqual([]);
  });
});

describe('autoConfirmUser', () => {
  it('makes a user who can sign in at once, gets no code, and whom PostConfirmation hears of', async () => {
    house.functions.answer(SignUp, { autoConfirmUser: true });
    const name = newName();
    const ClientMetadata = { campaign: 'spring' };
    const { $metadata, ...answer } = await signUp(name, { ClientMetadata });
    expect(answer).toEqual({ UserConfirmed: true, UserSub: expect.any(String) });
    expect(await get(name)).toEqual({
      status: 'CONFIRMED',
      attributes: { sub: answer.UserSub, email: addressOf(name) },
    });
    expect(await house.messages(addressOf(name), 0)).toEqual([]);
    await calls.signIn(name);

    const event = house.functions.last(Confirmed);
    expect(event.callerContext.clientId).toBe(ClientId);
    expect(event.request).toEqual({
      userAttributes: {
        sub: answer.UserSub,
        'cognito:user_status': 'CONFIRMED',
        email_verified: 'false',
        email: addressOf(name),
      },
      clientMetadata: ClientMetadata,
    });
  });

  it('with autoVerifyEmail and autoVerifyPhone leaves nothing to be proven', async () => {
    house.functions.answer(SignUp, EVERYTHING);
    const name = newName();
    const phone_number = '+12065550121';
    await signUp(name, { UserAttributes: attributeList({ email: addressOf(name), phone_number }) });
    expect((await get(name)).attributes).toMatchObject({
      email_verified: 'true',
      phone_number_verified: 'true',
    });
    expect(house.functions.last(Confirmed).request.userAttributes['cognito:email_alias']).toBe(
      addressOf(name),
    );
    await calls.forgot(addressOf(name));
  });

  it('with autoVerifyEmail takes an alias from who has it, and leaves them the address unverified [D]', async () => {
    house.functions.answer(SignUp, { autoConfirmUser: true, autoVerifyEmail: true });
    const [before, after] = [newName(), newName()];
    const UserAttributes = attributeList({ email: addressOf(before) });
    await signUp(before, { UserAttributes });
    await signUp(after, { UserAttributes });
    expect((await get(before)).attributes['email_verified']).toBe('false');
    const byAlias = new ListUsersCommand({ UserPoolId: pool, Filter: `email = "${addressOf(before)}"` });
    expect((await house.sdk.send(byAlias)).Users).toHaveLength(2);
    expect((await get(addressOf(before))).attributes['sub']).toBe((await get(after)).attributes['sub']);
  });

  it('has no session for ConfirmSignUp, and proves no address to sign in by', async () => {
    house.functions.answer(SignUp, { autoConfirmUser: true });
    const choosing = await house.createClient(pool, { ExplicitAuthFlows: ['ALLOW_USER_AUTH'] });
    const { Session, UserConfirmed } = await signUp(newName(), { ClientId: choosing.ClientId });
    expect({ Session, UserConfirmed }).toEqual({ Session: undefined, UserConfirmed: true });
  });

  it('that PostConfirmation fails after leaves the user confirmed', async () => {
    house.functions.answer(SignUp, { autoConfirmUser: true });
    house.functions.fail(Confirmed, 'No');
    const name = newName();
    expect(await refusal(signUp(name))).toBe(
      'UserLambdaValidationException: PostConfirmation failed with error No.',
    );
    expect((await get(name)).status).toBe('CONFIRMED');
    expect(house.functions.events(Confirmed)).toHaveLength(1);
  });

  it('of many sign-ups for a name makes one user, and PostConfirmation hears once', async () => {
    house.functions.answer(SignUp, { autoConfirmUser: true });
    const name = newName();
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => signUp(name)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(house.functions.events(Confirmed)).toHaveLength(1);
  });
});

describe('an answer that is no good makes no user', () => {
  const UNCONFIRMED =
    'InvalidLambdaResponseException: Phone or email cannot be auto verified, when user is not being auto confirmed.';
  it.each([
    ['autoVerifyEmail alone', { autoVerifyEmail: true }, UNCONFIRMED],
    ['autoVerifyPhone alone', { autoConfirmUser: null, autoVerifyPhone: true }, UNCONFIRMED],
    [
      'autoVerifyPhone of who has none',
      { autoConfirmUser: true, autoVerifyPhone: true },
      'InvalidLambdaResponseException: phone_number cannot be auto verified, because the user has no such attribute.',
    ],
    ['a text', { autoConfirmUser: 'true' }, UNRECOGNIZABLE],
    ['a number', { autoConfirmUser: true, autoVerifyEmail: 1 }, UNRECOGNIZABLE],
    ['a list', [], UNRECOGNIZABLE],
  ])('%s', async (_, response, expected) => {
    house.functions.does(SignUp, { response });
    const name = newName();
    expect(await refusal(signUp(name))).toBe(expected);
    expect(await refusal(get(name))).toBe(NOBODY);
  });

  it.each([
    ['an error', SignUp, (name: string) => signUp(name)],
    ['an error to an administrator', AdminCreateUser, (name: string) => create(name)],
  ])('%s', async (_, source, creation) => {
    house.functions.fail(source, 'Not you');
    const name = newName();
    expect(await refusal(creation(name))).toBe(
      'UserLambdaValidationException: PreSignUp failed with error Not you.',
    );
    expect(await refusal(get(name))).toBe(NOBODY);
    expect(await house.messages(addressOf(name), 0)).toEqual([]);
  });
});

describe('AdminCreateUser', () => {
  it('tells the function what an administrator sent [C]', async () => {
    const name = newName();
    const ClientMetadata = { by: 'import' };
    await create(name, { ValidationData: attributeList({ ticket: '7' }), ClientMetadata });
    expect(house.functions.last(AdminCreateUser)).toEqual(
      eventOf(AdminCreateUser, name, 'CLIENT_ID_NOT_APPLICABLE', {
        userAttributes: { email: addressOf(name), email_verified: 'true' },
        validationData: { ticket: '7' },
        clientMetadata: ClientMetadata,
      }),
    );
  });

  it('asks also about a user who is to have no password', async () => {
    const byCode = await house.createPool({
      LambdaConfig: house.functions.config('PreSignUp'),
      Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
    });
    house.functions.fail(AdminCreateUser, 'No');
    expect(await refusal(create(newName(), { UserPoolId: byCode }))).toBe(
      'UserLambdaValidationException: PreSignUp failed with error No.',
    );
  });

  it('ignores what it answers, and nobody has confirmed [D]', async () => {
    house.functions.answer(AdminCreateUser, EVERYTHING);
    const name = newName();
    const { User } = await create(name, { UserAttributes: attributeList({ email: addressOf(name) }) });
    expect(User?.UserStatus).toBe('FORCE_CHANGE_PASSWORD');
    expect((await get(name)).attributes['email_verified']).toBeUndefined();
    expect(house.functions.events(Confirmed)).toEqual([]);
  });

  it('with RESEND makes no user, and asks nothing', async () => {
    const name = newName();
    await create(name);
    house.functions.reset();
    await create(name, { MessageAction: 'RESEND' });
    expect(house.functions.events()).toEqual([]);
  });
});
