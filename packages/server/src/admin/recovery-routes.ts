import type { FastifyInstance } from 'fastify';
import { attemptsAllowed, type RecoveryDetails } from '../domain/recovery/recovery-record.ts';
import type { Services } from '../domain/services.ts';
import { findNamed } from '../domain/users/find-user.ts';
import { foldName } from '../domain/users/names.ts';
import { invalid } from '../errors.ts';
import { listRecoveries, type RecoveryQuery, type RecoveryRow } from '../storage/repositories/recoveries.ts';
import { poolIdOf } from './message-routes.ts';
import { integerTextIn, readQuery } from './read-request.ts';

const LISTED = 100;
const LARGEST_LISTING = 500;
const LONGEST_NAME = 128;
/** Above every id. */
const NEWEST = 'g';

/** What became of requests to recover an account, and why: the newest first. */
export function recoveryRoutes(app: FastifyInstance, services: Services): void {
  app.get('/_poolkeeper/recoveries', async (request) => {
    const asked = readQuery(request, ['userPoolId', 'username', 'limit']);
    const poolId = poolIdOf(asked.userPoolId);
    const limit =
      asked.limit === undefined ? LISTED : integerTextIn('limit', asked.limit, 1, LARGEST_LISTING);
    const names = await namesOf(services, poolId, asked.username);
    const rows: RecoveryRow[] = [];
    let before: string | undefined = NEWEST;
    while (before !== undefined && rows.length < limit) {
      const query: RecoveryQuery = { poolId, names, before };
      const look = await services.storage.read((unit) => listRecoveries(unit, query, limit - rows.length));
      rows.push(...look.rows);
      before = look.next;
    }
    // Refusals that share a record lie where their minute began.
    rows.sort((a, b) => b.last_at - a.last_at || (a.id < b.id ? 1 : -1));
    return { recoveries: await Promise.all(rows.map((row) => shown(services, row))) };
  });
}

/** Under which names records of a user lie: whoever is asked for by an alias is found, and so is nobody, by what was typed. */
async function namesOf(
  services: Services,
  poolId: string | undefined,
  username: string | undefined,
): Promise<readonly string[] | undefined> {
  if (username === undefined) return undefined;
  if (username === '' || username.length > LONGEST_NAME) {
    throw invalid(`username must have 1 to ${LONGEST_NAME} characters.`);
  }
  if (poolId === undefined) return [username];
  const pool = await services.pools.pool(poolId);
  const { sub } = await services.storage.read((unit) => findNamed(services, unit, pool, username));
  return [...new Set([foldName(pool, username), username, sub])];
}

async function shown(services: Services, row: RecoveryRow) {
  const { user, status, enabled, error, channels, attempts, messageId } = JSON.parse(
    row.details,
  ) as RecoveryDetails;
  const pool = await services.pools.pool(row.pool_id).catch(() => undefined);
  return {
    id: row.id,
    time: new Date(row.last_at).toISOString(),
    operation: row.operation,
    userPoolId: row.pool_id,
    clientId: row.client_id,
    username: row.username,
    sub: user === 'found' ? row.sub : null,
    user,
    status,
    enabled,
    outcome: row.outcome,
    error,
    times: row.times,
    since: new Date(row.created_at).toISOString(),
    channels,
    attempts,
    attemptsPerHour: pool ? attemptsAllowed(pool) : null,
    // A simulated message is in no listing.
    messageId: row.outcome === 'sent' ? messageId : null,
  };
}
