import {
  AdminGetUserCommand,
  ConfirmSignUpCommand,
  type CreateUserPoolCommandInput,
  ForgotPasswordCommand,
  InitiateAuthCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import { newName } from '../support/recovery-calls.ts';
import { claimsOf, secretHash, signIn } from '../support/sign-in.ts';

// The rules of names and secret hashes, each with the section of the collected facts and the confidence there. All
// that names can be is in `recovery-users.test.ts`, all that takes a hash in `secret-hash.test.ts`.

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

async function poolOf(input: Partial<CreateUserPoolCommandInput>, GenerateSecret = false) {
  const id = await house.createPool(input);
  const client = await house.createClient(id, { GenerateSecret });
  const { ClientId } = client;
  return {
    id,
    client,
    ClientId,
    forgot: (Username: string, SecretHash?: string) =>
      house.sdk.send(new ForgotPasswordCommand({ ClientId, Username, SecretHash })),
    signUp: (Username: string, email = `${Username}@example.com`) =>
      house.sdk.send(
        new SignUpCommand({
          ClientId,
          Username,
          Password: PASSWORD,
          UserAttributes: [{ Name: 'email', Value: email }],
        }),
      ),
    confirm: (Username: string, ConfirmationCode: string, ForceAliasCreation = false) =>
      house.sdk.send(new ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode, ForceAliasCreation })),
    async sub(Username: string) {
      const found = await house.sdk.send(new AdminGetUserCommand({ UserPoolId: id, Username }));
      return found.UserAttributes?.find(({ Name }) => Name === 'sub')?.Value as string;
    },
  };
}

const outcome = (call: Promise<unknown>) =>
  call.then(
    () => 'accepted',
    ({ name, message }: Error) => `${name}: ${message}`,
  );
const UNKNOWN = 'UserNotFoundException: Username/client id combination not found.';

type Row = readonly [string, () => Promise<unknown>, string];
function table(rows: readonly Row[]): void {
  it.each(rows)('%s', async (_, call, expected) => expect(await outcome(call())).toBe(expected));
}

const verified = (email: string) => [
  { Name: 'email', Value: email },
  { Name: 'email_verified', Value: 'true' },
];
const aliases = { AliasAttributes: ['email' as const] };

/** A user of an alias pool has verified the address, and another one signs up with it. */
async function claimed() {
  const pool = await poolOf(aliases);
  const [first, second] = [newName('first'), newName('second')];
  const address = `${first}@example.com`;
  await house.createUser(pool.id, first, verified(address));
  await pool.signUp(second, address);
  return { pool, first, second, address, code: await house.code(address) };
}

describe('who a name names', () => {
  table([
    ['§5 D: a username', async () => recovers({}, ({ name }) => name), 'accepted'],
    ['§5 D: a sub', async () => recovers({}, ({ sub }) => sub), 'accepted'],
    [
      '§5 D: an alias that is verified',
      async () => recovers(aliases, ({ name }) => `${name}@example.com`),
      'accepted',
    ],
    [
      '§5 D: an email address in a pool without aliases',
      async () => recovers({}, ({ name }) => `${name}@example.com`),
      UNKNOWN,
    ],
    [
      '§5 D: an alias that is not verified',
      async () => {
        const pool = await poolOf(aliases);
        const name = newName();
        await pool.signUp(name);
        return pool.forgot(`${name}@example.com`);
      },
      UNKNOWN,
    ],
    [
      '§5 Q: a username of the form of an alias',
      async () => (await poolOf(aliases)).signUp('ann@example.com', 'ann@example.com'),
      'InvalidParameterException: Username cannot be of email format, since user pool is configured for email alias.',
    ],
    [
      '§5 E: a username that is no address, where usernames are',
      async () => (await poolOf({ UsernameAttributes: ['email', 'phone_number'] })).signUp('ann'),
      'InvalidParameterException: Username should be either an email or a phone number.',
    ],
    [
      '§5 D: in another case, where case counts',
      async () => recovers({}, ({ name }) => name.toUpperCase()),
      UNKNOWN,
    ],
    [
      '§5 D: in another case, where it does not',
      async () =>
        recovers({ UsernameConfiguration: { CaseSensitive: false } }, ({ name }) => name.toUpperCase()),
      'accepted',
    ],
    [
      '§0 D: an alias that another user has verified',
      async () => {
        const { pool, second, code } = await claimed();
        return pool.confirm(second, code);
      },
      'AliasExistsException: An account with the email already exists.',
    ],
    [
      '§5 D: the same, by force: the one before recovers by it no more',
      async () => {
        const { pool, first, second, code } = await claimed();
        await pool.confirm(second, code, true);
        return pool.forgot(first);
      },
      'InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number',
    ],
    [
      '§0 Q: an address that is taken, where usernames are addresses',
      async () => {
        const pool = await poolOf({ UsernameAttributes: ['email'] });
        await pool.signUp('ann@example.com', 'ann@example.com');
        return pool.signUp('ann@example.com', 'ann@example.com');
      },
      'UsernameExistsException: User already exists',
    ],
  ]);

  async function recovers(
    input: Partial<CreateUserPoolCommandInput>,
    by: (user: { name: string; sub: string }) => string,
  ) {
    const pool = await poolOf(input);
    const name = newName();
    await house.createUser(pool.id, name);
    return pool.forgot(by({ name, sub: await pool.sub(name) }));
  }

  it('§5 V: where usernames are addresses, the username is the sub', async () => {
    const pool = await poolOf({ UsernameAttributes: ['email'] });
    await house.createUser(pool.id, 'ann@example.com', verified('ann@example.com'));
    const { sub, ...claims } = claimsOf((await signIn(house, pool.ClientId, 'ann@example.com')).IdToken);
    expect(claims['cognito:username']).toBe(sub);
  });
});

describe('what a secret hash is over', () => {
  async function confidential() {
    const pool = await poolOf({ UsernameAttributes: ['email'] }, true);
    const address = `${newName()}@example.com`;
    await house.createUser(pool.id, address, verified(address));
    const sub = await pool.sub(address);
    const hash = (name: string) => secretHash(pool.client, name);
    return { pool, address, sub, hash };
  }
  const byPassword = async (over: 'address' | 'sub') => {
    const { pool, address, sub, hash } = await confidential();
    const SECRET_HASH = hash(over === 'sub' ? sub : address);
    const AuthParameters = { USERNAME: address, PASSWORD, SECRET_HASH };
    const { ClientId } = pool;
    const start = { ClientId, AuthFlow: 'USER_PASSWORD_AUTH' as const, AuthParameters };
    const { AuthenticationResult } = await house.sdk.send(new InitiateAuthCommand(start));
    return { pool, sub, hash, REFRESH_TOKEN: AuthenticationResult?.RefreshToken as string };
  };
  table([
    [
      '§4 Q, V: the address as sent',
      async () => {
        const { pool, address, hash } = await confidential();
        return pool.forgot(address, hash(address));
      },
      'accepted',
    ],
    ['§4 Q, V: the address as sent, at InitiateAuth', () => byPassword('address'), 'accepted'],
    ['§4 I: the canonical username', () => byPassword('sub'), 'accepted'],
    [
      '§4 Q: the canonical username, at REFRESH_TOKEN_AUTH',
      async () => {
        const { pool, sub, hash, REFRESH_TOKEN } = await byPassword('address');
        const AuthParameters = { REFRESH_TOKEN, SECRET_HASH: hash(sub) };
        const { ClientId } = pool;
        const start = { ClientId, AuthFlow: 'REFRESH_TOKEN_AUTH' as const, AuthParameters };
        return house.sdk.send(new InitiateAuthCommand(start));
      },
      'accepted',
    ],
  ]);
});
