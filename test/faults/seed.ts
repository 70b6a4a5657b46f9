import {
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  type CreateUserPoolClientCommandInput,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { startPoolkeeper } from '../../packages/server/src/index.ts';
import { hashPassword } from '../../packages/server/src/platform/password-hash.ts';
import { openPostgres } from '../../packages/server/src/storage/postgres.ts';
import { openSqlite } from '../../packages/server/src/storage/sqlite.ts';
import { storeUsers } from '../support/store-users.ts';
import { CROWD, PASSWORD, userName } from './users.ts';

export interface Seeded {
  /** App clients of a pool without an attempt limit, and of one with Cognito's. */
  readonly clients: { readonly app: string; readonly rotating: string; readonly limited: string };
}

interface SeedOptions {
  readonly data: string;
  readonly masterKey: string;
  readonly databaseUrl: string | undefined;
  readonly rounds: number;
}

/** Two pools with the users of every round. All of them have one password, so that it is hashed once. */
export async function seed({ data, masterKey, databaseUrl, rounds }: SeedOptions): Promise<Seeded> {
  const database = { data, masterKey, ...(databaseUrl !== undefined && { databaseUrl }) };
  const { pools, clients } = await makePools(database);
  const storage =
    databaseUrl === undefined
      ? openSqlite(data)
      : await openPostgres({ urls: [databaseUrl], connections: 8 });
  try {
    const password = { hash: await hashPassword(PASSWORD), sealedVerifier: null };
    for (const [kind, { pool: poolName, count }] of Object.entries(CROWD)) {
      const names = Array.from({ length: rounds * count }, (_, index) =>
        userName(Math.floor(index / count), kind, index % count),
      );
      await storeUsers(storage, pools[poolName], names, password);
    }
  } finally {
    await storage.close();
  }
  return { clients };
}

async function makePools(database: { data: string; masterKey: string; databaseUrl?: string }) {
  const server = await startPoolkeeper(database);
  const sdk = new CognitoIdentityProviderClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'faults', secretAccessKey: 'faults' },
  });
  const pool = async (PoolName: string, recovery: object) => {
    const { UserPool } = await sdk.send(
      new CreateUserPoolCommand({ PoolName, AliasAttributes: ['email'], AutoVerifiedAttributes: ['email'] }),
    );
    const id = UserPool?.Id as string;
    const response = await fetch(`${server.url}/_poolkeeper/pools/${id}/settings`, {
      method: 'PUT',
      body: JSON.stringify({ recovery }),
    });
    if (!response.ok) throw new Error(`The pool's settings were refused: ${await response.text()}`);
    return id;
  };
  const client = async (UserPoolId: string, input: Partial<CreateUserPoolClientCommandInput>) => {
    const command = new CreateUserPoolClientCommand({ UserPoolId, ClientName: 'faults', ...input });
    return (await sdk.send(command)).UserPoolClient?.ClientId as string;
  };
  try {
    // A day, so that a clock which jumps by hours ends no code.
    const open = await pool('open', { attemptsPerHour: 0, codeLifetime: 'PT24H' });
    const limited = await pool('limited', { codeLifetime: 'PT24H' });
    const byPassword: Partial<CreateUserPoolClientCommandInput> = {
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      AccessTokenValidity: 24,
    };
    return {
      pools: { open, limited },
      clients: {
        app: await client(open, byPassword),
        rotating: await client(open, {
          ...byPassword,
          ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
          RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 60 },
        }),
        limited: await client(limited, byPassword),
      },
    };
  } finally {
    sdk.destroy();
    await server.close();
  }
}
