import {
  AdminCreateUserCommand,
  AdminInitiateAuthCommand,
  AdminResetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  GetUserAttributeVerificationCodeCommand,
  GetUserCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  SignUpCommand,
  UpdateUserAttributesCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import { openMfaPool } from '../support/mfa-sign-in.ts';
import { administratorSdk, openProductionHouse, type ProductionHouse } from '../support/production-house.ts';
import { newName, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';
import { firstFactors, openChoicePool } from '../support/user-auth.ts';

const LIMITED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';
const verified = (email: string) => [
  { Name: 'email', Value: email },
  { Name: 'email_verified', Value: 'true' },
];

/** What each of these calls came to, one after the other. */
async function outcomes(calls: (() => Promise<unknown>)[]): Promise<string[]> {
  const said: string[] = [];
  for (const call of calls) said.push(await outcome(call()));
  return said;
}
const outcome = (call: Promise<unknown>) =>
  call.then(
    () => 'ok',
    (error: Error) => `${error.name}: ${error.message}`,
  );
const repeated = (times: number, call: () => Promise<unknown>) =>
  Array<() => Promise<unknown>>(times).fill(call);

describe('one address', () => {
  let house: House;
  let poolId: string;
  let ClientId: string;
  let forgot: (name: string) => Promise<unknown>;
  let confirm: (name: string, code: string) => Promise<unknown>;
  let address: string;
  beforeAll(async () => {
    house = await openHouse({ messageCaps: ['off', 'DestinationHour=3', 'DestinationDay=5'] });
    ({ poolId, ClientId, forgot, confirm } = await openPool());
  });
  afterAll(() => house[Symbol.asyncDispose]());

  async function openPool(PreventUserExistenceErrors: 'LEGACY' | 'ENABLED' = 'LEGACY') {
    const id = await house.createPool();
    const client = await house.createClient(id, { PreventUserExistenceErrors });
    return { poolId: id, ClientId: client.ClientId, ...recoveryCalls(house, client) };
  }

  /** Users who all have one address, which no other test uses. */
  async function usersOf(count: number): Promise<string[]> {
    address = `${newName('box')}@example.com`;
    const names = Array.from({ length: count }, () => newName());
    for (const name of names) await house.createUser(poolId, name, verified(address));
    return names;
  }

  it('gets so many messages an hour, whomever they are for, and the last one works', async () => {
    const [first, ...others] = await usersOf(5);
    const names = [first as string, ...others];
    expect(await outcomes(names.map((name) => () => forgot(name)))).toEqual([
      'ok',
      'ok',
      'ok',
      LIMITED,
      LIMITED,
    ]);
    expect(await house.messages(address)).toHaveLength(3);
    await confirm(names[2] as string, await house.code(address));
    // Somebody else's address is none of it.
    const [other] = (await usersOf(1)) as [string];
    await forgot(other);
  });

  it('gets them again when the hour is over, until the day is full', async () => {
    const names = await usersOf(8);
    const calls = names.map((name) => () => forgot(name));
    expect(await outcomes(calls.slice(0, 4))).toEqual(['ok', 'ok', 'ok', LIMITED]);
    await house.advance('PT1H');
    expect(await outcomes(calls.slice(4))).toEqual(['ok', 'ok', LIMITED, LIMITED]);
    await house.advance('PT22H');
    expect(await outcomes(calls.slice(6))).toEqual([LIMITED, LIMITED]);
    await house.advance('PT1H');
    expect(await outcomes(calls.slice(6))).toEqual(['ok', 'ok']);
  });

  it('gets exactly so many of requests that come at once', async () => {
    const names = await usersOf(20);
    const said = await Promise.all(names.map((name) => outcome(forgot(name))));
    expect(said.filter((one) => one === 'ok')).toHaveLength(3);
    expect(said.filter((one) => one === LIMITED)).toHaveLength(17);
    expect(await house.messages(address)).toHaveLength(3);
  });

  it('is one, however it is written', async () => {
    const box = newName('box');
    const spellings = [`${box}@example.com`, `${box}+a@example.com`, `${box.toUpperCase()}+b+c@EXAMPLE.com`];
    const signUps = [...spellings, `${box}+d@example.com`].map(
      (email) => () =>
        house.sdk.send(
          new SignUpCommand({
            ClientId,
            Username: newName(),
            Password: PASSWORD,
            UserAttributes: [{ Name: 'email', Value: email }],
          }),
        ),
    );
    expect(await outcomes(signUps)).toEqual(['ok', 'ok', 'ok', LIMITED]);
  });

  it('is counted in each pool apart', async () => {
    const [name] = (await usersOf(1)) as [string];
    expect(await outcomes(repeated(4, () => forgot(name)))).toEqual(['ok', 'ok', 'ok', LIMITED]);
    const other = await openPool();
    await house.createUser(other.poolId, name, verified(address));
    expect(await outcome(other.forgot(name))).toBe('ok');
  });

  it('is not bombed by sign-ups, and a sign-up that is refused makes no user', async () => {
    const email = `${newName('box')}@example.com`;
    const UserAttributes = [{ Name: 'email', Value: email }];
    const signUp = (Username: string) =>
      house.sdk.send(new SignUpCommand({ ClientId, Username, Password: PASSWORD, UserAttributes }));
    for (let time = 0; time < 3; time += 1) await signUp(newName());
    const Username = newName();
    expect(await refusal(signUp(Username))).toBe(LIMITED);
    expect(await refusal(forgot(Username))).toMatch('UserNotFoundException');
    await house.advance('PT1H');
    await signUp(Username);
    const again = () => house.sdk.send(new ResendConfirmationCodeCommand({ ClientId, Username }));
    expect(await outcomes([again, again])).toEqual(['ok', LIMITED]);
  });

  it('is not bombed by changes of an attribute, and one that is refused changes nothing', async () => {
    const name = newName();
    await house.createUser(poolId, name);
    const { AccessToken } = await signIn(house, ClientId, name);
    const target = `${newName('box')}@example.com`;
    const change = (Value: string) =>
      house.sdk.send(
        new UpdateUserAttributesCommand({ AccessToken, UserAttributes: [{ Name: 'email', Value }] }),
      );
    const ask = () =>
      house.sdk.send(new GetUserAttributeVerificationCodeCommand({ AccessToken, AttributeName: 'email' }));
    const elsewhere = () => change(`${newName('elsewhere')}@example.com`);
    expect(await outcomes([() => change(target), ask, elsewhere, () => change(target)])).toEqual([
      'ok',
      'ok',
      'ok',
      'ok',
    ]);
    expect(await refusal(ask())).toBe(LIMITED);
    await elsewhere();
    expect(await refusal(change(target))).toBe(LIMITED);
    const { UserAttributes } = await house.sdk.send(new GetUserCommand({ AccessToken }));
    expect(UserAttributes?.find(({ Name }) => Name === 'email')?.Value).toMatch(/^elsewhere/);
  });

  it('is not bombed by codes of a second factor', async () => {
    const phone = '+12065550100';
    const pool = await openMfaPool(house, 'OPTIONAL', ['SMS_MFA']);
    const names = await Promise.all(
      Array.from({ length: 4 }, () => pool.createUser(newName(), { phone_number: phone })),
    );
    for (const name of names) await pool.switchOn(name, ['SMS_MFA']);
    expect(await outcomes(names.map((name) => () => pool.begin(name)))).toEqual(['ok', 'ok', 'ok', LIMITED]);
    expect(await house.messages(phone)).toHaveLength(3);
  });

  it('is not bombed by codes of a first factor, and tells nobody apart', async () => {
    const { id, start } = await openChoicePool(house, firstFactors('PASSWORD', 'EMAIL_OTP'), {
      PreventUserExistenceErrors: 'ENABLED',
    });
    const name = newName();
    await house.createUser(id, name);
    const send = (who: string) => () => start(who, { PREFERRED_CHALLENGE: 'EMAIL_OTP' });
    expect(await outcomes(repeated(5, send(name)))).toEqual(['ok', 'ok', 'ok', LIMITED, LIMITED]);
    // One stand-in in eight has no code to choose, as some users have none.
    const offersCode = async (who: string) =>
      (await start(who)).AvailableChallenges?.includes('EMAIL_OTP') === true;
    let nobody = newName('nobody');
    while (!(await offersCode(nobody))) nobody = newName('nobody');
    expect(await outcomes(repeated(5, send(nobody)))).toEqual(['ok', 'ok', 'ok', LIMITED, LIMITED]);
  });

  /** What the first step of SRP tells as the username, of a user or of a stand-in. */
  async function usernameOf(clientId: string, USERNAME: string): Promise<string> {
    const begun = await house.sdk.send(
      new InitiateAuthCommand({
        ClientId: clientId,
        AuthFlow: 'USER_SRP_AUTH',
        AuthParameters: { USERNAME, SRP_A: 'abcdef0123456789' },
      }),
    );
    return begun.ChallengeParameters?.['USERNAME'] as string;
  }

  it("does not tell by its count whether it is a user's", async () => {
    const hidden = await openPool('ENABLED');
    await house.createUser(hidden.poolId, 'known');
    const pool = await house.createPool({ UsernameAttributes: ['email'] });
    const byAddress = await house.createClient(pool, { PreventUserExistenceErrors: 'ENABLED' });
    const { forgot: recover } = recoveryCalls(house, byAddress);
    await house.createUser(pool, 'real@example.com', verified('real@example.com'));
    const tale = async (email: string) => {
      const username = await usernameOf(byAddress.ClientId, email);
      return outcomes([
        ...repeated(2, () => recover(email)),
        // A third message to the same mailbox, by somebody who signs up with another spelling of it.
        () =>
          house.sdk.send(
            new SignUpCommand({
              ClientId: byAddress.ClientId,
              Username: email.replace('@', '+1@'),
              Password: PASSWORD,
            }),
          ),
        () => recover(email),
        // What a sign-in told as the username is another name of theirs.
        () => recover(username),
      ]);
    };
    expect(await tale('real@example.com')).toEqual(['ok', 'ok', 'ok', LIMITED, LIMITED]);
    expect(await tale('fake@example.com')).toEqual(['ok', 'ok', 'ok', LIMITED, LIMITED]);
    expect(await outcomes(repeated(4, () => hidden.forgot('known')))).toEqual(['ok', 'ok', 'ok', LIMITED]);
    expect(await outcomes(repeated(4, () => hidden.forgot('unknown')))).toEqual(['ok', 'ok', 'ok', LIMITED]);
  });

  it('is not bombed by a back end that begins sign-ins for whoever comes to it', async () => {
    const phone = '+12065550101';
    const pool = await openMfaPool(house, 'OPTIONAL', ['SMS_MFA']);
    const names = Array.from({ length: 4 }, () => newName());
    for (const name of names) {
      await pool.createUser(name, { phone_number: phone });
      await pool.switchOn(name, ['SMS_MFA']);
    }
    const begin = (USERNAME: string) => () =>
      house.sdk.send(
        new AdminInitiateAuthCommand({
          UserPoolId: pool.id,
          ClientId: pool.client.ClientId,
          AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
          AuthParameters: { USERNAME, PASSWORD },
        }),
      );
    expect(await outcomes(names.map(begin))).toEqual(['ok', 'ok', 'ok', LIMITED]);
  });

  it('tells nobody apart either where a reset sends two codes', async () => {
    const pool = await openMfaPool(
      house,
      'OPTIONAL',
      ['SMS_MFA'],
      {},
      {
        PreventUserExistenceErrors: 'ENABLED',
        ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
      },
    );
    await house.operator(`pools/${pool.id}/settings`, {
      method: 'PUT',
      json: { recovery: { secondFactor: true } },
    });
    const { forgot: recover } = recoveryCalls(house, pool.client);
    const name = newName();
    await pool.createUser(name, {
      email: `${name}@example.com`,
      email_verified: 'true',
      phone_number: '+12065550102',
    });
    await pool.switchOn(name, ['SMS_MFA']);
    for (const who of [name, 'nobody']) {
      expect(await outcomes(repeated(4, () => recover(who)))).toEqual(['ok', 'ok', 'ok', LIMITED]);
    }
    expect(await house.messages('+12065550102')).toHaveLength(3);
  });

  it('gets what administrators send, whatever strangers did', async () => {
    const [name] = (await usersOf(1)) as [string];
    expect(await outcomes(repeated(4, () => forgot(name)))).toEqual(['ok', 'ok', 'ok', LIMITED]);
    const invited = newName();
    const admin = { UserPoolId: poolId, Username: name };
    const invite = new AdminCreateUserCommand({
      UserPoolId: poolId,
      Username: invited,
      UserAttributes: verified(address),
      DesiredDeliveryMediums: ['EMAIL'],
    });
    await house.sdk.send(invite);
    await house.sdk.send(new AdminResetUserPasswordCommand(admin));
    await house.sdk.send(
      new AdminUpdateUserAttributesCommand({ ...admin, UserAttributes: [{ Name: 'email', Value: address }] }),
    );
    expect((await house.messages(address)).length).toBeGreaterThanOrEqual(5);
  });
});

/** An app client that hides users, made through the proxies. */
async function hiddenClient({ options, url }: ProductionHouse) {
  const sdk = await administratorSdk(options, url);
  sdk.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers['x-forwarded-proto'] = 'https';
      return next(args);
    },
    { step: 'build' },
  );
  const { UserPool } = await sdk.send(new CreateUserPoolCommand({ PoolName: 'test' }));
  const { UserPoolClient } = await sdk.send(
    new CreateUserPoolClientCommand({
      UserPoolId: UserPool?.Id,
      ClientName: 'app',
      PreventUserExistenceErrors: 'ENABLED',
    }),
  );
  sdk.destroy();
  return UserPoolClient?.ClientId;
}

describe('one source address', () => {
  it('causes so many messages an hour, to whomever, and an administrator any number', async () => {
    await using house = await openHouse({ messageCaps: ['off', 'SourceHour=3'] });
    const poolId = await house.createPool();
    const client = await house.createClient(poolId, { PreventUserExistenceErrors: 'ENABLED' });
    const { forgot } = recoveryCalls(house, client);
    const names = Array.from({ length: 8 }, () => newName());
    for (const name of names) await house.createUser(poolId, name);
    const said = await Promise.all([...names, 'nobody'].map((name) => outcome(forgot(name))));
    expect(said.filter((one) => one === 'ok')).toHaveLength(3);
    expect(said.filter((one) => one === LIMITED)).toHaveLength(6);
    for (const Username of names) {
      await house.sdk.send(new AdminResetUserPasswordCommand({ UserPoolId: poolId, Username }));
    }
    await house.advance('PT1H');
    expect(await outcomes(repeated(4, () => forgot('nobody')))).toEqual(['ok', 'ok', 'ok', LIMITED]);
    const metrics = await (await fetch(`${house.url}/metrics`)).text();
    expect(/^poolkeeper_limited_total.*$/m.exec(metrics)?.[0]).toBe(
      'poolkeeper_limited_total{limit="SourceHour"} 7',
    );
  });

  it('is what the proxies say, and of IPv6 a whole network', async () => {
    await using house = await openProductionHouse({
      trustedProxies: '127.0.0.1',
      messageCaps: 'off SourceHour=2',
    });
    const ClientId = await hiddenClient(house);
    let names = 0;
    const from = async (address: string) => {
      const response = await fetch(house.url, {
        method: 'POST',
        headers: {
          'x-forwarded-proto': 'https',
          'x-forwarded-for': address,
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'AWSCognitoIdentityProviderService.ForgotPassword',
        },
        body: JSON.stringify({ ClientId, Username: `nobody${++names}` }),
      });
      return response.status;
    };
    const statuses: number[] = [];
    for (const address of ['203.0.113.7', '203.0.113.7', '192.0.2.1, 203.0.113.7', '203.0.113.8']) {
      statuses.push(await from(address));
    }
    for (const host of ['1::1', '1:a:b:c:d', '1::2', '2::1']) statuses.push(await from(`2001:db8:0:${host}`));
    expect(statuses).toEqual([200, 200, 400, 200, 200, 200, 400, 200]);
  });
});
