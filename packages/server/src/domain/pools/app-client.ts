import type { Keyring } from '../../platform/keyring.ts';
import type { AppClientRow } from '../../storage/repositories/app-clients.ts';
import type { ClientConfig } from './client-config.ts';

export interface AppClient {
  readonly id: string;
  readonly poolId: string;
  readonly name: string;
  readonly config: ClientConfig;
  readonly secret: string | undefined;
  /** PreventUserExistenceErrors is ENABLED: no answer may tell whether a user exists. */
  readonly hidesUsers: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export const secretContext = (poolId: string, clientId: string) => `app_clients.secret/${poolId}/${clientId}`;

export function appClientFromRow(row: AppClientRow, keyring: Keyring): AppClient {
  const config = JSON.parse(row.config) as ClientConfig;
  return {
    id: row.id,
    poolId: row.pool_id,
    name: row.name,
    config,
    secret:
      row.sealed_secret === null
        ? undefined
        : keyring.open(secretContext(row.pool_id, row.id), row.sealed_secret).toString(),
    hidesUsers: config.PreventUserExistenceErrors === 'ENABLED',
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
