import { createHash } from 'node:crypto';
import { ServiceError } from '../../errors.ts';
import { MINUTE } from '../../platform/duration.ts';
import { newOrderedId, orderedIdOf } from '../../platform/random.ts';
import { findAttempts } from '../../storage/repositories/attempts.ts';
import { countRecovery, insertRecovery } from '../../storage/repositories/recoveries.ts';
import type { RecoveriesTable, RecoveryOutcome } from '../../storage/schema/recoveries.ts';
import type { UserStatus } from '../../storage/schema/users.ts';
import type { Unit } from '../../storage/unit.ts';
import { limitOf } from '../codes/attempt-limit.ts';
import { deliveryDetails } from '../delivery/masked-destination.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { findNamed } from '../users/find-user.ts';
import { foldName } from '../users/names.ts';
import type { User } from '../users/user.ts';
import { type ChannelReason, type RecoveryChannel, recoveryChannels } from './recovery-address.ts';
import { recoveryOrder } from './recovery-order.ts';

/** Somebody's request to recover an account. */
export interface RecoveryRequest {
  readonly operation: RecoveriesTable['operation'];
  /** Undefined for an administrator's. */
  readonly client: AppClient | undefined;
  /** As it was typed. */
  readonly name: string;
}

/** What a record says besides its columns. */
export interface RecoveryDetails {
  /** `simulated` for who stands in for nobody; `unknown` where the client tells that there is no such user. */
  readonly user: 'found' | 'simulated' | 'unknown';
  readonly status: UserStatus | null;
  readonly enabled: boolean | null;
  /** The error that was answered. */
  readonly error: string | null;
  /** Where a code could go, in the pool's order, and why it may or may not; masked. */
  readonly channels: readonly {
    readonly attribute: string;
    readonly destination: string | null;
    readonly eligible: boolean;
    readonly reason: ChannelReason;
  }[];
  /** Attempts of the running hour; null where none was counted. */
  readonly attempts: number | null;
  readonly messageId: string | null;
}

interface Happened {
  readonly user: User | undefined;
  readonly sub: string;
  readonly outcome: RecoveryOutcome;
  readonly error?: ServiceError;
  readonly channels?: readonly RecoveryChannel[];
  readonly attempts?: number;
  readonly messageId?: string;
}

/**
 * Leaves a record for operators, in the unit that did what it tells of; nobody waits for it. Refusals of one kind within
 * a minute share a record: nothing but the records limits how often somebody is refused.
 */
export function recordRecovery(
  services: Services,
  unit: Unit,
  pool: UserPool,
  { operation, client, name }: RecoveryRequest,
  happened: Happened,
): void {
  const { recordsKeptFor } = pool.settings.recovery;
  if (recordsKeptFor === 0) return;
  const { user, sub, outcome, error } = happened;
  const now = services.clock.now();
  const details: RecoveryDetails = {
    user: user ? 'found' : client?.hidesUsers ? 'simulated' : 'unknown',
    status: user?.status ?? null,
    enabled: user?.enabled ?? null,
    error: error?.type ?? null,
    channels: (happened.channels ?? []).map(({ attribute, address, eligible, reason }) => ({
      attribute,
      destination: address === undefined ? null : (deliveryDetails(attribute, address).Destination ?? null),
      eligible,
      reason,
    })),
    attempts: happened.attempts ?? null,
    messageId: happened.messageId ?? null,
  };
  const refused = outcome === 'refused' || outcome === 'limited';
  // A function's text may be another for every name and every call.
  const message = error?.type === 'UserLambdaValidationException' ? undefined : error?.message;
  const kind = () =>
    [pool.id, user ? sub : bucketOf(sub), operation, client?.id, error?.type, message].join('/');
  const statement = refused ? countRecovery : insertRecovery;
  statement.send(unit, {
    poolId: pool.id,
    id: refused ? orderedIdOf(now - (now % MINUTE), sha256(kind())) : newOrderedId(now),
    operation,
    clientId: client?.id ?? null,
    sub,
    username: user?.username ?? foldName(pool, name),
    outcome,
    details: JSON.stringify(details),
    now,
    expiresAt: now + recordsKeptFor,
  });
}

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** Of 256: who is refused under ever new names that nobody has fills no database with them. */
const bucketOf = (sub: string) => sha256(sub)[0] as number;

/**
 * Answers what `work` resolves to. A refusal that it returns was recorded by the unit that counted it; one that it throws
 * took its unit back, or came before it, and is recorded here, in a unit of its own.
 */
export async function withRecord<Answer>(
  services: Services,
  pool: UserPool,
  request: RecoveryRequest,
  work: () => Promise<Answer | ServiceError>,
): Promise<Answer> {
  let answer: Answer | ServiceError;
  try {
    answer = await work();
  } catch (error) {
    if (error instanceof ServiceError && error.status < 500)
      await recordRefusal(services, pool, request, error);
    throw error;
  }
  if (answer instanceof ServiceError) throw answer;
  return answer;
}

export const outcomeOf = ({ type }: ServiceError): RecoveryOutcome =>
  type === 'LimitExceededException' ? 'limited' : 'refused';

async function recordRefusal(
  services: Services,
  pool: UserPool,
  request: RecoveryRequest,
  error: ServiceError,
): Promise<void> {
  if (pool.settings.recovery.recordsKeptFor === 0) return;
  const { operation, client, name } = request;
  await services.storage.write(async (unit) => {
    const { user, sub } = await findNamed(services, unit, pool, name);
    const counted = await findAttempts.first(unit, { poolId: pool.id, sub, action: 'reset-password' });
    const running = counted !== undefined && counted.window_ends_at > services.clock.now();
    const sends = operation === 'ForgotPassword' || operation === 'AdminResetUserPassword';
    const bySelf = client !== undefined;
    recordRecovery(services, unit, pool, request, {
      user,
      sub,
      outcome: outcomeOf(error),
      error,
      attempts: running ? counted.count : 0,
      ...(sends && { channels: channelsFor(services, pool, user, { bySelf }) }),
    });
  });
}

/** Those of a user, or as many for nobody: a record costs the same for both. */
export const channelsFor = (
  services: Services,
  pool: UserPool,
  user: User | undefined,
  wish: Parameters<typeof recoveryChannels>[3],
): readonly RecoveryChannel[] =>
  user
    ? recoveryChannels(services, pool, user, wish)
    : recoveryOrder(pool).map((attribute) => ({
        attribute,
        address: undefined,
        eligible: false,
        reason: 'no-user',
      }));

/** The limit that a record's attempts are to be seen against; null where there is none. */
export const attemptsAllowed = (pool: UserPool): number | null =>
  pool.settings.recovery.attemptsPerHour === 0 ? null : limitOf(pool, 'reset-password');
