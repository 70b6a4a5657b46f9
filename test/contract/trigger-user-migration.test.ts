import {
  AdminInitiateAuthCommand,
  GetUserCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FunctionHouse, openFunctionHouse } from '../support/functions.ts';
import { PASSWORD } from '../support/house.ts';
import {
  AT_SIGN_IN,
  emailOf,
  type MigratingPool,
  migrates,
  NOBODY,
  openMigratingPool,
  UNRECOGNIZABLE,
} from '../support/migration.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { srpClient } from '../support/srp-client.ts';

let house: FunctionHouse;
let pool: MigratingPool;
let name: string;

beforeAll(async () => {
  house = await openFunctionHouse();
  pool = await openMigratingPool(house, {
    Schema: [{ Name: 'tenant', AttributeDataType: 'String', Mutable: true }],
  });
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => {
  house.functions.reset();
  name = newName('old');
});

const answer = (response: object) => house.functions.answer(AT_SIGN_IN, response);
const asked = () => house.functions.events(AT_SIGN_IN).length;

describe('who signs in under a name that nobody has', () => {
  it('is asked after, key by key', async () => {
    const ClientMetadata = { from: 'the app' };
    const AuthParameters = { USERNAME: name.toUpperCase(), PASSWORD };
    const { ClientId } = pool.hiding;
    const command = { ClientId, AuthFlow: 'USER_PASSWORD_AUTH' as const, AuthParameters, ClientMetadata };
    expect(await refusal(house.sdk.send(new InitiateAuthCommand(command)))).toBe(NOBODY);
    const event = house.functions.last(AT_SIGN_IN);
    expect(JSON.stringify(event)).toBe(
      JSON.stringify({
        version: '1',
        region: 'us-east-1',
        userPoolId: pool.id,
        userName: name.toUpperCase(),
        callerContext: { awsSdkVersion: event.callerContext.awsSdkVersion, clientId: ClientId },
        triggerSource: AT_SIGN_IN,
        request: { password: PASSWORD, validationData: ClientMetadata, userAttributes: null },
        response: {
          userAttributes: null,
          forceAliasCreation: null,
          enableSMSMFA: null,
          finalUserStatus: null,
          messageAction: null,
          desiredDeliveryMediums: null,
        },
      }),
    );
  });

  it('is a user from then on, with the password that they typed, whatever the policy', async () => {
    answer(migrates({ ...emailOf(name), 'custom:tenant': 'blue' }));
    const { AuthenticationResult } = await pool.hiding.signIn(name, 'short');
    const { AccessToken } = AuthenticationResult ?? {};
    const { Username, UserAttributes } = await house.sdk.send(new GetUserCommand({ AccessToken }));
    expect(Username).toBe(name);
    expect(UserAttributes).toEqual(
      expect.arrayContaining([
        { Name: 'email', Value: `${name}@example.com` },
        { Name: 'email_verified', Value: 'true' },
        { Name: 'custom:tenant', Value: 'blue' },
      ]),
    );
    await pool.hiding.signIn(name, 'short');
    expect(await refusal(pool.hiding.signIn(name, 'other'))).toBe(NOBODY);
    expect(asked()).toBe(1);
    expect((await pool.find(name))?.UserStatus).toBe('CONFIRMED');
  });

  it('signs in by SRP, too, once they are here; before, nobody is asked after by it', async () => {
    answer(migrates(emailOf(name)));
    const { ClientId } = pool.telling;
    const srp = srpClient(pool.id);
    const start = () => {
      const AuthParameters = { USERNAME: name, SRP_A: srp.SRP_A };
      return house.sdk.send(new InitiateAuthCommand({ ClientId, AuthFlow: 'USER_SRP_AUTH', AuthParameters }));
    };
    expect(await refusal(start())).toBe('UserNotFoundException: User does not exist.');
    expect(asked()).toBe(0);
    await pool.telling.signIn(name, 'from elsewhere');
    const { ChallengeParameters } = await start();
    const command = new RespondToAuthChallengeCommand({
      ClientId,
      ChallengeName: 'PASSWORD_VERIFIER',
      ChallengeResponses: srp.prove(ChallengeParameters, 'from elsewhere'),
    });
    expect((await house.sdk.send(command)).AuthenticationResult?.AccessToken).toBeDefined();
  });

  it('may be signed in by a back end', async () => {
    answer(migrates(emailOf(name)));
    const AuthParameters = { USERNAME: name, PASSWORD };
    const command = { UserPoolId: pool.id, ClientId: pool.hiding.ClientId, AuthParameters };
    const { AuthenticationResult } = await house.sdk.send(
      new AdminInitiateAuthCommand({ ...command, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH' }),
    );
    expect(AuthenticationResult?.AccessToken).toBeDefined();
  });

  it.each([undefined, 'RESET_REQUIRED', 'FORCE_CHANGE_PASSWORD'])(
    'must set a new password with a finalUserStatus of %s',
    async (finalUserStatus) => {
      answer({ ...migrates(emailOf(name)), finalUserStatus });
      expect(await refusal(pool.hiding.signIn(name))).toBe(
        'PasswordResetRequiredException: Password reset required for the user',
      );
      expect((await pool.find(name))?.UserStatus).toBe('RESET_REQUIRED');
      if (finalUserStatus !== undefined) return;
      await pool.hiding.forgot(name);
      await pool.hiding.confirm(name, await house.code(`${name}@example.com`), PASSWORD);
      await pool.hiding.signIn(name, PASSWORD);
    },
  );

  it.each([
    ['leaves the response as it came', {}],
    ['finds no attributes', { userAttributes: {} }],
    ['gives a sub (boto3#2747)', migrates({ sub: 'any', email: 'a@example.com' })],
  ])('is nobody when the function %s', async (_, response) => {
    answer(response);
    expect(await refusal(pool.hiding.signIn(name))).toBe(NOBODY);
    expect(await refusal(pool.telling.signIn(name))).toBe('UserNotFoundException: User does not exist.');
    expect(asked()).toBe(2);
    expect(await pool.find(name)).toBeUndefined();
  });

  it('is told what the function throws, and stays nobody', async () => {
    house.functions.fail(AT_SIGN_IN, 'Bad password');
    expect(await refusal(pool.hiding.signIn(name))).toBe(
      'UserLambdaValidationException: UserMigration failed with error Bad password.',
    );
    expect(await pool.find(name)).toBeUndefined();
  });

  it.each<[string, object]>([
    ['attributes that are a list', migrates(['email'])],
    ['an attribute that is no text', migrates({ email: 'a@example.com', email_verified: true })],
    ['an address that is none', migrates({ email: 'nowhere' })],
    ['an attribute that the pool does not have', migrates({ 'custom:unknown': 'x' })],
    ['an attribute that is too long', migrates({ name: 'x'.repeat(2049) })],
    ['a username that can be none', migrates({ username: 'a b' })],
    ['a username that is too long', migrates({ username: 'x'.repeat(129) })],
    ['a status that is no text', migrates({ name: 'x' }, { finalUserStatus: 7 })],
    [
      'a medium that there is not',
      migrates({ name: 'x' }, { messageAction: null, desiredDeliveryMediums: ['FAX'] }),
    ],
    [
      'one medium for a list',
      migrates({ name: 'x' }, { messageAction: null, desiredDeliveryMediums: 'SMS' }),
    ],
    ['a text for true', migrates({ name: 'x' }, { forceAliasCreation: 'false' })],
    [
      'MFA by SMS where there is none',
      migrates({ name: 'x', phone_number: '+15550100' }, { enableSMSMFA: true }),
    ],
  ])('%s is not recognized, and nobody is made', async (_, response) => {
    answer(response);
    expect(await refusal(pool.hiding.signIn(name))).toBe(UNRECOGNIZABLE);
    expect(await pool.find(name)).toBeUndefined();
    const { invocations } = (await house.operator('triggers?limit=1')) as {
      invocations: { reason: string }[];
    };
    expect(invocations[0]?.reason).toMatch(/^response\.\w+/);
  });

  it('is one user when they sign in several times at once', async () => {
    house.functions.does(AT_SIGN_IN, { response: migrates(emailOf(name)), waits: 200 });
    const results = await Promise.all(Array.from({ length: 4 }, () => pool.hiding.signIn(name)));
    const subs = await Promise.all(
      results.map(async ({ AuthenticationResult }) => {
        const { AccessToken } = AuthenticationResult ?? {};
        const { UserAttributes } = await house.sdk.send(new GetUserCommand({ AccessToken }));
        return UserAttributes?.find(({ Name }) => Name === 'sub')?.Value;
      }),
    );
    expect(new Set(subs).size).toBe(1);
    expect(asked()).toBeGreaterThan(1);
  });

  it('is asked after 20 times an hour at most, also where the function refuses passwords by throwing', async () => {
    house.functions.fail(AT_SIGN_IN, 'Bad password');
    for (let guess = 0; guess < 20; guess += 1) {
      expect(await refusal(pool.hiding.signIn(name))).toContain('Bad password');
    }
    expect(await refusal(pool.hiding.signIn(name))).toBe(NOBODY);
    expect(asked()).toBe(20);
  });
});

describe('the welcome', () => {
  const both = (who: string, phone: string) => ({
    ...emailOf(who),
    phone_number: phone,
    phone_number_verified: 'true',
  });
  const phone = () => `+1555${String(Math.random()).slice(2, 9)}`;

  it.each([
    [undefined, ['SMS']],
    [['EMAIL'], ['EMAIL']],
    [
      ['EMAIL', 'SMS'],
      ['EMAIL', 'SMS'],
    ],
  ])('goes out by %j', async (desiredDeliveryMediums, channels) => {
    const to = phone();
    answer(migrates(both(name, to), { messageAction: null, desiredDeliveryMediums }));
    await pool.hiding.signIn(name);
    const messages = [
      ...(await house.messages(`${name}@example.com`, channels.includes('EMAIL') ? 5000 : 0)),
      ...(await house.messages(to, channels.includes('SMS') ? 5000 : 0)),
    ];
    expect(messages.map(({ channel }) => channel)).toEqual(channels);
    for (const message of messages) {
      expect(message).toMatchObject({
        body: `Your username is ${name}.`,
        code: '',
        triggerSource: 'CustomMessage_AdminCreateUser',
      });
    }
  });
});

describe('the functions that see a migrated user first', () => {
  let watched: MigratingPool;
  beforeAll(async () => {
    const LambdaConfig = house.functions.config('PreSignUp', 'CustomMessage');
    const Schema = [{ Name: 'email', Required: true }];
    watched = await openMigratingPool(house, { Schema }, LambdaConfig);
  });

  it('PreSignUp is asked, as for users whom administrators make', async () => {
    answer(migrates(emailOf(name)));
    const AuthParameters = { USERNAME: name, PASSWORD };
    const command = new InitiateAuthCommand({
      ClientId: watched.hiding.ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters,
      ClientMetadata: { from: 'the app' },
    });
    await house.sdk.send(command);
    expect(house.functions.last('PreSignUp_AdminCreateUser')).toMatchObject({
      userName: name,
      callerContext: { clientId: watched.hiding.ClientId },
      request: { userAttributes: emailOf(name), validationData: { from: 'the app' } },
    });
  });

  it('they see nobody who lacks what the pool requires', async () => {
    answer(migrates({ name: 'x' }));
    expect(await refusal(watched.hiding.signIn(name))).toBe(UNRECOGNIZABLE);
    expect(house.functions.events()).toHaveLength(1);
  });

  it.each(['PreSignUp_AdminCreateUser', 'CustomMessage_AdminCreateUser'])(
    '%s throws: there is no user, and the name may be tried again',
    async (source) => {
      answer(migrates(emailOf(name), { messageAction: null, desiredDeliveryMediums: ['EMAIL'] }));
      house.functions.fail(source, 'Not now');
      const [trigger] = source.split('_');
      expect(await refusal(watched.hiding.signIn(name))).toBe(
        `UserLambdaValidationException: ${trigger} failed with error Not now.`,
      );
      expect(await watched.find(name)).toBeUndefined();
      expect(await house.messages(`${name}@example.com`, 0)).toEqual([]);
      house.functions.does(source, undefined);
      await watched.hiding.signIn(name);
    },
  );
});

describe('names', () => {
  let aliased: MigratingPool;
  let byEmail: MigratingPool;
  beforeAll(async () => {
    aliased = await openMigratingPool(house, { AliasAttributes: ['email'] });
    byEmail = await openMigratingPool(house, {
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
    });
  });

  it('an alias that was typed needs a username in the answer', async () => {
    const { email } = emailOf(name);
    answer(migrates(emailOf(name)));
    expect(await refusal(aliased.hiding.signIn(email))).toBe(UNRECOGNIZABLE);
    answer(migrates({ ...emailOf(name), username: name }));
    await aliased.hiding.signIn(email);
    await aliased.hiding.signIn(name);
    expect((await aliased.find(email))?.Username).toBe(name);
    expect((await aliased.find(name))?.attributes).not.toHaveProperty('username');
  });

  it('an alias that somebody has stays theirs, unless it is forced; nobody is made', async () => {
    await house.createUser(aliased.id, name);
    const late = `${name}-late`;
    answer(migrates(emailOf(name)));
    expect(await refusal(aliased.hiding.signIn(late))).toBe(
      'AliasExistsException: An account with the email already exists.',
    );
    expect(await aliased.find(late)).toBeUndefined();
    answer(migrates(emailOf(name), { forceAliasCreation: true }));
    await aliased.hiding.signIn(late);
    expect((await aliased.find(`${name}@example.com`))?.Username).toBe(late);
    expect((await aliased.find(name))?.attributes['email_verified']).toBe('false');
  });

  it('where the address is the name, the username is made here, and the address is the one that was typed', async () => {
    const { email } = emailOf(name);
    answer(migrates(emailOf(`${name}-other`)));
    expect(await refusal(byEmail.hiding.signIn(email))).toBe(UNRECOGNIZABLE);
    answer(migrates({ ...emailOf(name), username: name }));
    await byEmail.hiding.signIn(email);
    const found = await byEmail.find(email);
    expect(found?.Username).toBe(found?.attributes['sub']);
    expect(found?.Username).not.toBe(name);
  });

  it('the username that SRP tells of nobody is shown to no function', async () => {
    const { SRP_A } = srpClient(byEmail.id);
    const { ClientId } = byEmail.hiding;
    const AuthParameters = { USERNAME: emailOf(name).email, SRP_A };
    const { ChallengeParameters } = await house.sdk.send(
      new InitiateAuthCommand({ ClientId, AuthFlow: 'USER_SRP_AUTH', AuthParameters }),
    );
    const told = ChallengeParameters?.['USERNAME'] as string;
    answer(migrates({ name: 'x' }));
    for (const one of [told, told.toUpperCase()]) {
      expect(await refusal(byEmail.hiding.signIn(one))).toBe(NOBODY);
    }
    expect(house.functions.events()).toEqual([]);
  });
});

describe('enableSMSMFA', () => {
  it('has the user asked for a code by SMS', async () => {
    const mfa = await openMigratingPool(house, {
      MfaConfiguration: 'OPTIONAL',
      SmsConfiguration: { SnsCallerArn: 'arn:aws:iam::123456789012:role/sms', ExternalId: 'x' },
    });
    answer(migrates({ phone_number: '+15550123' }, { enableSMSMFA: true }));
    expect((await mfa.hiding.signIn(name)).ChallengeName).toBe('SMS_MFA');
    expect((await mfa.find(name))?.UserMFASettingList).toEqual(['SMS_MFA']);
    answer(migrates({ name: 'x' }, { enableSMSMFA: true }));
    expect(await refusal(mfa.hiding.signIn(`${name}-2`))).toBe(UNRECOGNIZABLE);
    answer(migrates({ phone_number: '+15550124' }, { enableSMSMFA: false }));
    expect((await mfa.hiding.signIn(`${name}-3`)).AuthenticationResult).toBeDefined();
  });
});
