import type { Keyring } from '../../platform/keyring.ts';
import type { AppClientRow } from '../../storage/repositories/app-clients.ts';
import type { ClientConfig } from './client-config.ts';

export interface ClientSecret {
  /** `<client id>--<time of creation>`, as Amazon Cognito's. */
  readonly id: string;
  readonly value: string;
  readonly createdAt: number;
}

export interface AppClient {
  readonly id: string;
  readonly poolId: string;
  readonly name: string;
  readonly config: ClientConfig;
  /** Those that are in force, the older one first; none for a public client. */
  readonly secrets: readonly ClientSecret[];
  /** PreventUserExistenceErrors is ENABLED: no answer may tell whether a user exists. */
  readonly hidesUsers: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export const secretContext = (poolId: string, clientId: string) => `app_clients.secret/${poolId}/${clientId}`;

export const clientSecret = (clientId: string, value: string, createdAt: number): ClientSecret => ({
  id: `${clientId}--${createdAt}`,
  value,
  createdAt,
});

export function appClientFromRow(row: AppClientRow, keyring: Keyring): AppClient {
  const config = JSON.parse(row.config) as ClientConfig;
  return {
    id: row.id,
    poolId: row.pool_id,
    name: row.name,
    config,
    secrets: secretsFromRow(row, keyring),
    hidesUsers: config.PreventUserExistenceErrors === 'ENABLED',
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function secretsFromRow(row: AppClientRow, keyring: Keyring): ClientSecret[] {
  const stored = [
    { sealed: row.sealed_secret, createdAt: row.secret_created_at },
    { sealed: row.second_sealed_secret, createdAt: row.second_secret_created_at },
  ];
  return stored.flatMap(({ sealed, createdAt }) => {
    if (sealed === null) return [];
    const value = keyring.open(secretContext(row.pool_id, row.id), sealed).toString();
    return [clientSecret(row.id, value, createdAt ?? row.created_at)];
  });
}
