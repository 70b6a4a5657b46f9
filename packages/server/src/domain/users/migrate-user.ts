import { ServiceError } from '../../errors.ts';
import { findUser } from '../../storage/repositories/users.ts';
import { attemptAllowed } from '../codes/attempt-limit.ts';
import { sendInvitation } from '../delivery/invitation.ts';
import { writeAndSend } from '../delivery/write-and-send.ts';
import { storeFactors } from '../mfa/factors.ts';
import { type PasswordMaterial, passwordMaterial } from '../passwords/password-material.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { preSignUp } from '../triggers/pre-sign-up.ts';
import { pretendToRun } from '../triggers/pretend-to-run.ts';
import { functionAt } from '../triggers/trigger.ts';
import { LONGEST_NAME, type Migrant, type Migration, userMigration } from '../triggers/user-migration.ts';
import { createUser } from './create-user.ts';
import { findNamed } from './find-user.ts';
import { foldName } from './names.ts';
import { isStandIn } from './stand-in.ts';
import { type User, userFromRow } from './user.ts';

/**
 * Has the pool's UserMigration function bring along who signs in, or wants a new password, under a name that nobody has
 * here. Resolves to the user of that name: the new one, whose password is the one that was typed, or the one who had it
 * all the same; undefined for nobody. The function hears of a name only so often an hour, and whoever asks about a user
 * waits as long. Throws what `runTrigger` throws, and AliasExistsException.
 */
export async function migrateUser(
  services: Services,
  pool: UserPool,
  client: AppClient,
  name: string,
  migration: Migration,
): Promise<User | undefined> {
  if (functionAt(pool, 'UserMigration') === undefined) return undefined;
  const action = migration.source === 'UserMigration_ForgotPassword' ? 'migrate:recovery' : 'migrate:sign-in';
  const { user, sub, allowed } = await services.storage.write(async (unit) => {
    const named = await findNamed(services, unit, pool, name);
    // Counted before the function is called, and for users as well: nothing tells them apart.
    const allowed = await attemptAllowed(unit, pool, named.sub, action, services.clock.now());
    return { ...named, allowed };
  });
  if (!allowed) return user;
  if (user !== undefined || !mayBeSomebodys(services, pool, name)) {
    if (client.hidesUsers) await pretendToRun(services, pool, 'UserMigration');
    return user;
  }
  const migrant = await userMigration(services, pool, client, name, migration);
  return migrant && settle(services, pool, client, { name, lane: sub, migrant, migration });
}

/** Nobody can have the sub of a stand-in, however it is written, nor a name that is too long. */
const mayBeSomebodys = (services: Services, pool: UserPool, name: string): boolean =>
  name.length <= LONGEST_NAME && ![name, foldName(pool, name)].some((one) => isStandIn(services, pool, one));

interface Arrival {
  readonly name: string;
  /** Whose turn it is to have a password hashed. */
  readonly lane: string;
  readonly migrant: Migrant;
  readonly migration: Migration;
}

/** Makes a user of a migrant, or finds the one whom another request has made meanwhile. */
async function settle(
  services: Services,
  pool: UserPool,
  client: AppClient,
  { name, lane, migrant, migration }: Arrival,
): Promise<User | undefined> {
  const { identity } = migrant;
  const { password, validationData, clientMetadata } = migration;
  await preSignUp(services, pool, {
    // No documentation names the source; it is no sign-up, and nobody is asked to confirm.
    source: 'PreSignUp_AdminCreateUser',
    userName: identity.username,
    attributes: identity.attributes,
    clientId: client.id,
    validationData,
    clientMetadata,
  });
  // It was good enough where they come from: no policy is asked [D].
  const material =
    password === undefined ? undefined : await passwordMaterial(services, pool, identity, password, { lane });
  try {
    return await create(services, pool, { clientId: client.id, clientMetadata }, migrant, material);
  } catch (error) {
    if (!(error instanceof ServiceError && TAKEN.has(error.type))) throw error;
    const { user } = await services.storage.read((unit) => findNamed(services, unit, pool, name));
    if (user !== undefined) return user;
    const tells = !client.hidesUsers || migration.source === 'UserMigration_Authentication';
    services.log.warn(
      { poolId: pool.id, error: error.type },
      'Somebody was not migrated: their name is taken.',
    );
    // A stranger who asks for a code would learn who is known elsewhere.
    if (tells) throw error;
    return undefined;
  }
}

const TAKEN = new Set(['UsernameExistsException', 'AliasExistsException']);

function create(
  services: Services,
  pool: UserPool,
  sender: Parameters<typeof writeAndSend>[2],
  { identity, status, forceAlias, smsMfa, welcome }: Migrant,
  password: PasswordMaterial | undefined,
): Promise<User> {
  return writeAndSend(services, pool, sender, async (unit) => {
    const now = services.clock.now();
    const user = await createUser(unit, pool, {
      identity,
      status,
      password,
      temporaryUntil: null,
      forceAlias,
      now,
    });
    if (smsMfa) await storeFactors(services, unit, user, { enabled: ['SMS_MFA'] });
    if (welcome) await sendInvitation(services, unit, pool, user, undefined, welcome);
    const row = await findUser.first(unit, { poolId: pool.id, sub: user.sub });
    return row ? userFromRow(row) : user;
  });
}
