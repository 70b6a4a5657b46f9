import {
  AddUserPoolClientSecretCommand,
  AdminGetUserCommand,
  AdminInitiateAuthCommand,
  type CreateUserPoolClientCommandInput,
  GetTokensFromRefreshTokenCommand,
  InitiateAuthCommand,
  RevokeTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';
import { type Client, hashedOperations } from '../support/secret-hash-calls.ts';
import { secretHash } from '../support/sign-in.ts';
import { srpClient } from '../support/srp-client.ts';

// An app client's proof that it has its secret, wherever one is taken.

const MEMBERS = [
  'SignUp',
  'ConfirmSignUp',
  'ResendConfirmationCode',
  'ForgotPassword',
  'ConfirmForgotPassword',
];
const FLOWS = ['USER_PASSWORD_AUTH', 'USER_SRP_AUTH', 'USER_AUTH'];
const CHALLENGES = [
  ...['PASSWORD_VERIFIER', 'SELECT_CHALLENGE', 'PASSWORD', 'PASSWORD_SRP', 'EMAIL_OTP', 'SMS_OTP'],
  ...['NEW_PASSWORD_REQUIRED', 'SELECT_MFA_TYPE', 'SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'MFA_SETUP'],
];
const PARAMETERS = [
  ...FLOWS.map((flow) => `InitiateAuth ${flow}`),
  ...FLOWS.map((flow) => `AdminInitiateAuth ${flow.replace('USER_PASSWORD', 'ADMIN_USER_PASSWORD')}`),
  ...CHALLENGES.flatMap((one) => [`RespondToAuthChallenge ${one}`, `AdminRespondToAuthChallenge ${one}`]),
];
const ALL = [...MEMBERS, ...PARAMETERS];

const GARBAGE = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
const ExplicitAuthFlows: CreateUserPoolClientCommandInput['ExplicitAuthFlows'] = [
  'ALLOW_USER_SRP_AUTH',
  'ALLOW_USER_PASSWORD_AUTH',
  'ALLOW_ADMIN_USER_PASSWORD_AUTH',
  'ALLOW_USER_AUTH',
  'ALLOW_REFRESH_TOKEN_AUTH',
];

let house: House;
let operations: Map<string, Awaited<ReturnType<typeof hashedOperations>>[number]>;
/** App clients of each pool. */
let clients: Map<string, Record<'keeper' | 'rotated' | 'other' | 'secretless' | 'hiding', Client>>;
beforeAll(async () => {
  house = await openHouse();
  const all = await hashedOperations(house);
  operations = new Map(all.map((one) => [one.operation, one]));
  clients = new Map();
  for (const pool of new Set(all.map((one) => one.pool))) {
    const make = (input: Partial<CreateUserPoolClientCommandInput> = { GenerateSecret: true }) =>
      house.createClient(pool, { ExplicitAuthFlows, ...input });
    const keeper = await make();
    const { ClientSecretDescriptor } = await house.sdk.send(
      new AddUserPoolClientSecretCommand({ UserPoolId: pool, ClientId: keeper.ClientId }),
    );
    const rotated = { ...keeper, ClientSecret: ClientSecretDescriptor?.ClientSecretValue as string };
    const hiding = await make({ GenerateSecret: true, PreventUserExistenceErrors: 'ENABLED' });
    clients.set(pool, { keeper, rotated, other: await make(), secretless: await make({}), hiding });
  }
});
afterAll(() => house[Symbol.asyncDispose]());

it('the table has every operation, flow and challenge', () => {
  expect([...operations.keys()].sort()).toEqual([...ALL].sort());
});

function at(name: string) {
  const found = operations.get(name);
  const cast = found && clients.get(found.pool);
  if (found === undefined || cast === undefined) throw new Error(`No ${name}.`);
  const { user } = found;
  return { ...found, ...cast, username: user, alias: `${user}@example.com` };
}

/** What a hash was answered with: the refusal of the hash, or `accepted` whatever else was wrong. */
async function verdict(call: Promise<unknown>): Promise<string> {
  const text = await call.then(
    () => '',
    (error: Error) => `${error.name}: ${error.message}`,
  );
  return /secret hash|SECRET_HASH|secretHash/.test(text) ? text : 'accepted';
}
const wrong = ({ ClientId }: Client) =>
  `NotAuthorizedException: Unable to verify secret hash for client ${ClientId}`;
const missing = ({ ClientId }: Client) =>
  `NotAuthorizedException: Client ${ClientId} is configured with secret but SECRET_HASH was not received`;

describe.each(ALL)('%s', (operation) => {
  it('takes a hash over the name as sent [Q, V], or over the username behind an alias [Q], by any live secret', async () => {
    const { open, keeper, rotated, username, alias } = at(operation);
    for (const name of [username, alias]) {
      const call = await open(keeper, name);
      for (const by of [keeper, rotated]) {
        for (const hashed of [name, username])
          expect(await verdict(call(name, secretHash(by, hashed))), `${name}, ${hashed}`).toBe('accepted');
      }
    }
  });

  it('takes the username in place of the alias that was typed first [Q]', async () => {
    const { open, keeper, username, alias } = at(operation);
    const call = await open(keeper, alias);
    expect(await verdict(call(username, secretHash(keeper, username)))).toBe('accepted');
  });

  it('refuses every other hash [Q]', async () => {
    const { open, keeper, other, username, alias } = at(operation);
    const { ClientId } = keeper;
    const call = await open(keeper, alias);
    const hashes = {
      garbage: GARBAGE,
      'another client': secretHash(other, alias),
      'the secret of another client': secretHash({ ...other, ClientId }, alias),
      'the id of another client': secretHash({ ...keeper, ClientId: other.ClientId }, alias),
      'another user': secretHash(keeper, 'somebody'),
      'another case': secretHash(keeper, alias.toUpperCase()),
      'no name': secretHash(keeper, ''),
      'no secret': secretHash({ ClientId, ClientSecret: '' }, alias),
      hexadecimal: Buffer.from(secretHash(keeper, alias), 'base64').toString('hex'),
      'without padding': secretHash(keeper, alias).replace('=', ''),
      'with more': `${secretHash(keeper, alias)}A`,
    };
    for (const [what, hash] of Object.entries(hashes)) {
      expect(await verdict(call(alias, hash)), what).toBe(wrong(keeper));
      expect(await verdict(call(username, hash)), what).toBe(wrong(keeper));
    }
  });

  it('refuses none, and an empty one [Q]', async () => {
    const { open, as, keeper, alias } = at(operation);
    const call = await open(keeper, alias);
    expect(await verdict(call(alias))).toBe(as === 'member' ? wrong(keeper) : missing(keeper));
    expect(await verdict(call(alias, ''))).toMatch(
      as === 'member' ? /^InvalidParameterException: .*'secretHash'.*length/ : missing(keeper),
    );
  });

  it('refuses a hash that a client without a secret sends [Q], and asks it for none', async () => {
    const { open, secretless, username } = at(operation);
    const call = await open(secretless, username);
    const text = `InvalidParameterException: App client ${secretless.ClientId} is not configured for secret but secret hash was received`;
    expect(await verdict(call(username, GARBAGE))).toBe(text);
    expect(await verdict(call(username))).toBe('accepted');
  });
});

describe('where users are hidden, a stand-in', () => {
  const told = async (pool: string, client: Client, name: string) => {
    const { ChallengeParameters } = await house.sdk.send(
      new InitiateAuthCommand({
        ClientId: client.ClientId,
        AuthFlow: 'USER_SRP_AUTH',
        AuthParameters: {
          USERNAME: name,
          SRP_A: srpClient(pool).SRP_A,
          SECRET_HASH: secretHash(client, name),
        },
      }),
    );
    return ChallengeParameters?.['USER_ID_FOR_SRP'] as string;
  };
  const begun = ['PASSWORD_VERIFIER', 'SELECT_CHALLENGE', 'PASSWORD', 'PASSWORD_SRP'];

  it.each([
    ...MEMBERS,
    ...FLOWS.map((flow) => `InitiateAuth ${flow}`),
    ...begun.map((challenge) => `RespondToAuthChallenge ${challenge}`),
  ])('takes and refuses the hashes that a user does: %s', async (operation) => {
    const { open, pool, hiding, other, username, alias } = at(operation);
    const nobody = 'nobody@example.com';
    const standIn = await told(pool, hiding, nobody);
    expect(await told(pool, hiding, alias)).toBe(username);
    for (const [name, canonical] of [
      [alias, username],
      [nobody, standIn],
    ] as const) {
      const call = await open(hiding, name);
      expect(await verdict(call(name, secretHash(hiding, name)))).toBe('accepted');
      expect(await verdict(call(name, secretHash(hiding, canonical)))).toBe('accepted');
      expect(await verdict(call(canonical, secretHash(hiding, canonical)))).toBe('accepted');
      for (const hash of [secretHash(other, name), secretHash(hiding, 'somebody'), GARBAGE])
        expect(await verdict(call(name, hash))).toBe(wrong(hiding));
    }
  });
});

describe.each(['user', 'admin'] as const)('a refresh token by REFRESH_TOKEN_AUTH of the %s', (by) => {
  it('goes with a hash over the username, or the sub, for no name is sent [Q, V]', async () => {
    const { pool, keeper, rotated, other, secretless } = at('ForgotPassword');
    // Whose password nobody guesses at.
    const { username } = await house.createUser(pool, `calm-${by}`);
    const alias = `${username}@example.com`;
    const { UserAttributes } = await house.sdk.send(
      new AdminGetUserCommand({ UserPoolId: pool, Username: username }),
    );
    const sub = UserAttributes?.find(({ Name }) => Name === 'sub')?.Value as string;
    const tokenOf = async ({ ClientId, ...client }: Client) => {
      const SECRET_HASH = client.ClientSecret && secretHash({ ClientId, ...client }, alias);
      const AuthParameters = { USERNAME: alias, PASSWORD, ...(SECRET_HASH && { SECRET_HASH }) };
      const begin = new InitiateAuthCommand({ ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters });
      return (await house.sdk.send(begin)).AuthenticationResult?.RefreshToken as string;
    };
    const token = await tokenOf(keeper);
    const refresh = ({ ClientId }: Client, hash?: string, REFRESH_TOKEN = token) => {
      const AuthParameters = { REFRESH_TOKEN, ...(hash !== undefined && { SECRET_HASH: hash }) };
      const AuthFlow = 'REFRESH_TOKEN_AUTH' as const;
      return by === 'user'
        ? house.sdk.send(new InitiateAuthCommand({ ClientId, AuthFlow, AuthParameters }))
        : house.sdk.send(
            new AdminInitiateAuthCommand({ UserPoolId: pool, ClientId, AuthFlow, AuthParameters }),
          );
    };
    for (const client of [keeper, rotated]) {
      for (const name of [username, sub])
        expect((await refresh(keeper, secretHash(client, name))).AuthenticationResult).toBeDefined();
    }
    for (const hash of [secretHash(keeper, 'somebody'), secretHash(other, username), GARBAGE])
      expect(await refusal(refresh(keeper, hash))).toBe(wrong(keeper));
    for (const hash of [undefined, '']) expect(await refusal(refresh(keeper, hash))).toBe(missing(keeper));
    const open = await tokenOf(secretless);
    expect(await refusal(refresh(secretless, GARBAGE, open))).toMatch(/not configured for secret/);
    await refresh(secretless, undefined, open);
  });
});

describe.each(['RevokeToken', 'GetTokensFromRefreshToken'] as const)('%s', (operation) => {
  const send = ({ ClientId }: Client, ClientSecret: string | undefined, token = 'nobodys.token') =>
    operation === 'RevokeToken'
      ? house.sdk.send(new RevokeTokenCommand({ ClientId, ClientSecret, Token: token }))
      : house.sdk.send(new GetTokensFromRefreshTokenCommand({ ClientId, ClientSecret, RefreshToken: token }));
  const secretVerdict = async (call: Promise<unknown>) => {
    const text = await call.then(
      () => '',
      (error: Error) => `${error.name}: ${error.message}`,
    );
    return /secret/i.test(text) ? text : 'accepted';
  };

  it('takes any live secret in clear, and nothing else [D]', async () => {
    const { keeper, rotated, other, secretless } = at('ForgotPassword');
    for (const { ClientSecret } of [keeper, rotated])
      expect(await secretVerdict(send(keeper, ClientSecret))).toBe('accepted');
    // Each by an error that the operation has in the API model.
    const type = operation === 'RevokeToken' ? 'UnauthorizedException' : 'NotAuthorizedException';
    const secret = keeper.ClientSecret as string;
    for (const wrongOne of [
      undefined,
      other.ClientSecret,
      secret.toUpperCase(),
      secret.slice(1),
      `${secret}a`,
      'a'.repeat(secret.length),
    ]) {
      expect(await secretVerdict(send(keeper, wrongOne))).toBe(
        `${type}: Unable to verify secret for client ${keeper.ClientId}`,
      );
    }
    expect(await refusal(send(keeper, ''))).toMatch(/^InvalidParameterException/);
    expect(await secretVerdict(send(secretless, undefined))).toBe('accepted');
  });

  it('leaves out of account what a client without a secret sends (undetermined on AWS)', async () => {
    const { secretless, other } = at('ForgotPassword');
    expect(await secretVerdict(send(secretless, other.ClientSecret))).toBe('accepted');
  });
});
