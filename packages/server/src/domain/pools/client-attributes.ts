import { invalid } from '../../errors.ts';
import type { ClientConfig } from './client-config.ts';
import type { UserPool } from './user-pool.ts';

/** Throws InvalidParameterException when a client is given rights on attributes that the pool does not have. */
export function requireKnownAttributes(pool: UserPool, config: ClientConfig): void {
  for (const member of ['ReadAttributes', 'WriteAttributes'] as const) {
    const stranger = config[member]?.find((name) => !pool.schema.has(name));
    if (stranger !== undefined) {
      throw invalid(
        `Invalid ${member[0]?.toLowerCase()}${member.slice(1)} specified while creating a client: ${stranger}`,
      );
    }
  }
}
