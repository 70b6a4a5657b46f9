import {
  ForgotPasswordCommand,
  InitiateAuthCommand,
  UpdateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FunctionHouse, openFunctionHouse } from '../support/functions.ts';
import { NEW_PASSWORD } from '../support/house.ts';
import {
  AT_RECOVERY,
  AT_SIGN_IN,
  emailOf,
  type MigratingPool,
  migrates,
  openMigratingPool,
  UNRECOGNIZABLE,
} from '../support/migration.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { srpClient } from '../support/srp-client.ts';

const LIMITED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';

let house: FunctionHouse;
let pool: MigratingPool;
let byEmail: MigratingPool;
let name: string;

beforeAll(async () => {
  house = await openFunctionHouse();
  pool = await openMigratingPool(house, { AliasAttributes: ['email'] });
  byEmail = await openMigratingPool(house, {
    UsernameAttributes: ['email'],
    UsernameConfiguration: { CaseSensitive: false },
  });
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => {
  house.functions.reset();
  name = newName('old');
});

const answer = (response: object) => house.functions.answer(AT_RECOVERY, response);
const asked = () => house.functions.events(AT_RECOVERY).length;

describe('who wants a new password under a name that nobody has', () => {
  it('is asked after without a password, and with the ClientMetadata of the request', async () => {
    const ClientMetadata = { from: 'the app' };
    const { ClientId } = pool.hiding;
    await house.sdk.send(new ForgotPasswordCommand({ ClientId, Username: name, ClientMetadata }));
    const { request, userName, callerContext } = house.functions.last(AT_RECOVERY);
    expect({ userName, clientId: callerContext.clientId }).toEqual({ userName: name, clientId: ClientId });
    expect(JSON.stringify(request)).toBe(
      JSON.stringify({ validationData: null, userAttributes: null, clientMetadata: ClientMetadata }),
    );
  });

  it.each(['hiding', 'telling'] as const)(
    'gets a code, and by it a password (a client %s users)',
    async (client) => {
      const { forgot, confirm, signIn } = pool[client];
      const { finalUserStatus, ...response } = migrates(emailOf(name));
      answer(response);
      const { email } = emailOf(name);
      expect((await forgot(name)).CodeDeliveryDetails).toEqual({
        AttributeName: 'email',
        DeliveryMedium: 'EMAIL',
        Destination: 'o***@e***',
      });
      expect((await pool.find(name))?.UserStatus).toBe('RESET_REQUIRED');
      await confirm(name, await house.code(email));
      expect((await signIn(email, NEW_PASSWORD)).AuthenticationResult).toBeDefined();
      expect((await pool.find(name))?.UserStatus).toBe('CONFIRMED');
      expect(house.functions.events()).toHaveLength(1);
      expect(finalUserStatus).toBe('CONFIRMED');
    },
  );

  it('is told their code and their welcome, each once', async () => {
    answer(migrates(emailOf(name), { messageAction: null, desiredDeliveryMediums: ['EMAIL'] }));
    await pool.hiding.forgot(name);
    const messages = await house.messages(emailOf(name).email);
    expect(messages.map(({ triggerSource }) => triggerSource).toSorted()).toEqual([
      'CustomMessage_AdminCreateUser',
      'CustomMessage_ForgotPassword',
    ]);
  });

  it('may type the address that is their name', async () => {
    const { email } = emailOf(name);
    answer(migrates(emailOf(name)));
    await byEmail.hiding.forgot(email);
    await byEmail.hiding.confirm(email, await house.code(email));
    expect((await byEmail.hiding.signIn(email, NEW_PASSWORD)).AuthenticationResult).toBeDefined();
  });

  it('has no password until then', async () => {
    answer(migrates(emailOf(name)));
    await pool.hiding.forgot(name);
    for (const password of ['', NEW_PASSWORD]) await refusal(pool.hiding.signIn(name, password));
    expect(house.functions.events(AT_SIGN_IN)).toEqual([]);
    expect((await pool.find(name))?.UserStatus).toBe('CONFIRMED');
  });

  it.each([
    ['is not verified', (who: string) => ({ email: `${who}@example.com` })],
    ['is said not to be', (who: string) => ({ email: `${who}@example.com`, email_verified: 'false' })],
  ])('gets no code at an address that %s', async (_, attributes) => {
    answer(migrates(attributes(name)));
    expect((await pool.hiding.forgot(name)).CodeDeliveryDetails?.DeliveryMedium).toBe('EMAIL');
    expect(await pool.find(name)).toBeDefined();
    expect(await refusal(pool.telling.forgot(name))).toBe(
      'InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number',
    );
    expect(await house.messages(`${name}@example.com`, 0)).toEqual([]);
  });

  it.each([
    ['an answer as it came', {}],
    ['a sub', migrates({ sub: 'x', email: 'a@example.com' })],
  ])('is nobody by %s', async (_, response) => {
    answer(response);
    expect((await pool.hiding.forgot(name)).CodeDeliveryDetails?.DeliveryMedium).toBe('EMAIL');
    expect(await refusal(pool.telling.forgot(name))).toBe(
      'UserNotFoundException: Username/client id combination not found.',
    );
    expect(asked()).toBe(2);
    expect(await pool.find(name)).toBeUndefined();
  });

  it('is told what the function throws', async () => {
    house.functions.fail(AT_RECOVERY, 'No such user');
    expect(await refusal(pool.hiding.forgot(name))).toBe(
      'UserLambdaValidationException: UserMigration failed with error No such user.',
    );
    expect(await pool.find(name)).toBeUndefined();
  });

  it('shares one record a minute for operators, whatever the function says each time', async () => {
    const { id, hiding } = await openMigratingPool(house);
    for (let call = 0; call < 4; call++) {
      house.functions.fail(AT_RECOVERY, `Request ${call}`);
      await refusal(hiding.forgot(name));
    }
    const { recoveries } = (await house.operator(`recoveries?userPoolId=${id}`)) as { recoveries: unknown[] };
    // Refusals of a minute share one; the minute may end between them.
    expect(recoveries.length).toBeLessThanOrEqual(2);
  });

  it('is told of an answer that makes no user', async () => {
    answer(migrates({ email: 'nowhere' }));
    expect(await refusal(pool.hiding.forgot(name))).toBe(UNRECOGNIZABLE);
  });

  it('is nobody for a stranger when the address is somebody else’s alias; a client that tells users tells it', async () => {
    const { email } = emailOf(name);
    await house.createUser(pool.id, name);
    const late = `${name}-late`;
    answer(migrates(emailOf(name)));
    expect((await pool.hiding.forgot(late)).CodeDeliveryDetails?.DeliveryMedium).toBe('EMAIL');
    expect(await refusal(pool.telling.forgot(late))).toMatch(/^AliasExistsException: /);
    expect(await pool.find(late)).toBeUndefined();
    expect(await house.messages(email, 0)).toEqual([]);
  });

  it('is one user when they ask several times at once', async () => {
    house.functions.does(AT_RECOVERY, { response: migrates(emailOf(name)), waits: 200 });
    await Promise.all(Array.from({ length: 4 }, () => pool.hiding.forgot(name)));
    expect(asked()).toBeGreaterThan(1);
    await pool.hiding.confirm(name, await house.code(emailOf(name).email));
  });
});

describe('the function is not a stranger’s to call', () => {
  it('it hears of a name five times an hour, however many ask at once', async () => {
    await Promise.allSettled(Array.from({ length: 12 }, () => pool.hiding.forgot(name)));
    expect(asked()).toBe(5);
    expect(await refusal(pool.hiding.forgot(name))).toBe(LIMITED);
    expect(asked()).toBe(5);
  });

  it('also where the client tells who exists, and by each of a pool’s clients together', async () => {
    const calls = Array.from({ length: 12 }, (_, index) =>
      (index % 2 ? pool.hiding : pool.telling).forgot(name),
    );
    await Promise.allSettled(calls);
    expect(asked()).toBe(5);
  });

  it('nobody is asked after whom the pool has, by any of their names', async () => {
    await house.createUser(pool.id, name);
    const sub = (await pool.find(name))?.attributes['sub'] as string;
    for (const one of [name, emailOf(name).email, sub]) await pool.hiding.forgot(one);
    await pool.telling.forgot(name);
    expect(house.functions.events()).toEqual([]);
  });

  it('nor of the username that SRP tells of nobody', async () => {
    const { SRP_A } = srpClient(byEmail.id);
    const { ClientId } = byEmail.hiding;
    const AuthParameters = { USERNAME: emailOf(name).email, SRP_A };
    const { ChallengeParameters } = await house.sdk.send(
      new InitiateAuthCommand({ ClientId, AuthFlow: 'USER_SRP_AUTH', AuthParameters }),
    );
    const told = ChallengeParameters?.['USERNAME'] as string;
    for (const one of [told, told.toUpperCase()]) await byEmail.hiding.forgot(one);
    expect(asked()).toBe(0);
  });
});

describe('who exists is not told by the time', () => {
  it('a user’s answer waits as long as the function takes for others', async () => {
    const LambdaConfig = { UserMigration: house.functions.arn('slow') };
    await house.sdk.send(
      new UpdateUserPoolCommand({ UserPoolId: pool.id, AutoVerifiedAttributes: ['email'], LambdaConfig }),
    );
    await house.createUser(pool.id, name);
    house.functions.does(AT_RECOVERY, { response: {}, waits: 300 });
    const timed = async (call: Promise<unknown>) => {
      const began = performance.now();
      await call;
      return performance.now() - began;
    };
    expect(await timed(pool.hiding.forgot(`${name}-unknown`))).toBeGreaterThan(280);
    expect(await timed(pool.hiding.forgot(name))).toBeGreaterThan(280);
    expect(await timed(pool.telling.forgot(name))).toBeLessThan(280);
  });
});
