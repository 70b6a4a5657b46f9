import type { SchemaAttributeType } from '@poolkeeper/model';
import type { UserPoolRow } from '../../storage/repositories/user-pools.ts';
import type { PoolConfig } from './pool-config.ts';
import { type PoolSettings, storedSettings } from './settings.ts';

/** A user pool as the domain uses it; frozen between two updates, so derived values are made once. */
export interface UserPool {
  readonly id: string;
  readonly name: string;
  readonly config: PoolConfig;
  readonly settings: PoolSettings;
  readonly schema: ReadonlyMap<string, SchemaAttributeType>;
  readonly caseSensitive: boolean;
  /** The part of the id after `_`, which SRP mixes into every verifier. */
  readonly srpName: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export function userPoolFromRow(row: UserPoolRow): UserPool {
  const config = JSON.parse(row.config) as PoolConfig;
  return {
    id: row.id,
    name: row.name,
    config,
    settings: storedSettings(row.settings),
    schema: new Map(config.SchemaAttributes.map((attribute) => [attribute.Name as string, attribute])),
    caseSensitive: config.UsernameConfiguration?.CaseSensitive ?? true,
    srpName: row.id.slice(row.id.indexOf('_') + 1),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
