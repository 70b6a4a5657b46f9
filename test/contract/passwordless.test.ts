import {
  AdminCreateUserCommand,
  type AdminCreateUserCommandInput,
  AdminGetUserCommand,
  ChangePasswordCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { newName, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { srpClient } from '../support/srp-client.ts';
import { createPasswordless, firstFactors, openChoicePool } from '../support/user-auth.ts';

const WRONG = 'NotAuthorizedException: Incorrect username or password.';

let house: House;
let pool: Awaited<ReturnType<typeof openChoicePool>>;
let name: string;
let email: string;

beforeAll(async () => {
  house = await openHouse();
  pool = await openChoicePool(house, firstFactors('PASSWORD', 'EMAIL_OTP'));
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => {
  name = newName('free');
  email = `${name}@example.com`;
});

const create = async (input: Partial<AdminCreateUserCommandInput> = {}, UserPoolId = pool.id) => {
  const UserAttributes = attributeList({ email, email_verified: 'true' });
  const command = { UserPoolId, Username: name, UserAttributes, ...input };
  return (await house.sdk.send(new AdminCreateUserCommand(command))).User?.UserStatus;
};
const statusOf = async () =>
  (await house.sdk.send(new AdminGetUserCommand({ UserPoolId: pool.id, Username: name }))).UserStatus;

describe('AdminCreateUser in a pool with a code as a first factor', () => {
  it('makes a CONFIRMED user without a password, who signs in by a code [Q]', async () => {
    expect(await create()).toBe('CONFIRMED');
    const met = await pool.prefer(name, 'EMAIL_OTP');
    expect((await pool.enter(name, met, await house.code(email))).AuthenticationResult).toBeDefined();
  });

  it('makes one who must change their password, where there is one [C]', async () => {
    expect(await create({ TemporaryPassword: PASSWORD })).toBe('FORCE_CHANGE_PASSWORD');
    expect((await pool.prefer(name, 'PASSWORD', { PASSWORD })).ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
  });

  it('makes up a password in a pool without codes, as ever [D]', async () => {
    const plain = await house.createPool(firstFactors('PASSWORD'));
    expect(await create({ UserAttributes: [] }, plain)).toBe('FORCE_CHANGE_PASSWORD');
  });

  it('needs the address that a code goes to [D]', async () => {
    for (const attributes of [{}, { phone_number: '+12065550100' }])
      expect(await refusal(create({ UserAttributes: attributeList(attributes) }))).toBe(
        'InvalidParameterException: A user without a password needs email to sign in.',
      );
    expect(await create({ UserAttributes: [], TemporaryPassword: PASSWORD })).toBe('FORCE_CHANGE_PASSWORD');
  });

  it('needs every attribute that is required: there is no later step for it [D]', async () => {
    const strict = await house.createPool({
      ...firstFactors('PASSWORD', 'EMAIL_OTP'),
      Schema: [{ Name: 'name', Required: true, Mutable: true }],
    });
    expect(await refusal(create({}, strict))).toMatch('name: The attribute is required');
    const UserAttributes = attributeList({ email, name: 'Ann' });
    expect(await create({ UserAttributes }, strict)).toBe('CONFIRMED');
  });

  it('invites by a message that names no password', async () => {
    await create({ DesiredDeliveryMediums: ['EMAIL'] });
    expect((await house.messages(email))[0]).toMatchObject({
      subject: 'Your account',
      body: `Your username is ${name}.`,
      code: '',
      triggerSource: 'CustomMessage_AdminCreateUser',
    });
  });

  it('has no words for a password where there is none, though the pool has', async () => {
    const worded = await house.createPool({
      ...firstFactors('PASSWORD', 'EMAIL_OTP'),
      AdminCreateUserConfig: { InviteMessageTemplate: { EmailMessage: 'Hi {username}, use {####}.' } },
    });
    await create({ DesiredDeliveryMediums: ['EMAIL'] }, worded);
    expect((await house.messages(email))[0]?.body).toBe(`Your username is ${name}.`);
  });

  it('invites in the words of the pool, which need no {####} there [D]', async () => {
    const AdminCreateUserConfig = {
      InviteMessageTemplate: { EmailSubject: 'Welcome', EmailMessage: 'Hi {username}!' },
    };
    const worded = await house.createPool({
      ...firstFactors('PASSWORD', 'EMAIL_OTP'),
      AdminCreateUserConfig,
    });
    await create({ DesiredDeliveryMediums: ['EMAIL'] }, worded);
    expect((await house.messages(email))[0]).toMatchObject({ subject: 'Welcome', body: `Hi ${name}!` });
    expect(await refusal(house.createPool({ AdminCreateUserConfig }))).toBe(
      'InvalidParameterException: AdminCreateUserConfig.InviteMessageTemplate.EmailMessage must contain {username} and {####}.',
    );
  });

  it('sends no temporary password to who needs none', async () => {
    await create();
    expect(await refusal(create({ MessageAction: 'RESEND' }))).toMatch(/^UnsupportedUserStateException: /);
  });
});

describe('a user without a password', () => {
  beforeEach(async () => {
    await createPasswordless(house, pool.id, name);
  });

  it('is refused by every way of the password like a wrong one', async () => {
    const calls = recoveryCalls(house, pool.client);
    for (const password of [PASSWORD, ' ', 'x'])
      expect(await refusal(calls.signIn(name, password))).toBe(WRONG);
    const srp = srpClient(pool.id);
    const client = await house.createClient(pool.id);
    const begun = await house.sdk.send(
      new InitiateAuthCommand({
        ClientId: client.ClientId,
        AuthFlow: 'USER_SRP_AUTH',
        AuthParameters: { USERNAME: name, SRP_A: srp.SRP_A },
      }),
    );
    const proof = new RespondToAuthChallengeCommand({
      ClientId: client.ClientId,
      ChallengeName: 'PASSWORD_VERIFIER',
      ChallengeResponses: srp.prove(begun.ChallengeParameters, PASSWORD),
    });
    expect(await refusal(house.sdk.send(proof))).toBe(WRONG);
  });

  it('sets a first one by ForgotPassword', async () => {
    const calls = recoveryCalls(house, pool.client);
    const { CodeDeliveryDetails } = await calls.forgot(name);
    expect(CodeDeliveryDetails).toMatchObject({ DeliveryMedium: 'EMAIL' });
    await calls.confirm(name, await house.code(email));
    expect((await calls.signIn(name, NEW_PASSWORD)).AuthenticationResult).toBeDefined();
    expect((await pool.start(name)).AvailableChallenges).toEqual(['PASSWORD_SRP', 'PASSWORD', 'EMAIL_OTP']);
    expect(await statusOf()).toBe('CONFIRMED');
  });

  it('sets a first one by ChangePassword, without a previous one [D]; the next change needs it', async () => {
    const met = await pool.prefer(name, 'EMAIL_OTP');
    const { AuthenticationResult } = await pool.enter(name, met, await house.code(email));
    const AccessToken = AuthenticationResult?.AccessToken;
    const change = (ProposedPassword: string, PreviousPassword?: string) =>
      house.sdk.send(new ChangePasswordCommand({ AccessToken, ProposedPassword, PreviousPassword }));
    expect(await refusal(change('weak'))).toMatch(/^InvalidPasswordException: /);
    await change(PASSWORD);
    expect((await pool.prefer(name, 'PASSWORD', { PASSWORD })).AuthenticationResult).toBeDefined();
    expect(await refusal(change(NEW_PASSWORD))).toBe(WRONG);
    await change(NEW_PASSWORD, PASSWORD);
  });

  it('proves the password that they set by SRP', async () => {
    const calls = recoveryCalls(house, pool.client);
    await calls.forgot(name);
    await calls.confirm(name, await house.code(email));
    const srp = srpClient(pool.id);
    const agreed = await pool.prefer(name, 'PASSWORD_SRP', { SRP_A: srp.SRP_A });
    const proof = srp.prove(agreed.ChallengeParameters, NEW_PASSWORD);
    expect((await pool.answer(name, agreed, proof)).AuthenticationResult).toBeDefined();
  });
});
