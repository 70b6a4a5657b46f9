import {
  clientNotFound,
  clientSecretNotFound,
  clientSecretTaken,
  lastClientSecret,
  noClientSecret,
  tooManyClientSecrets,
} from '../../errors.ts';
import { findAppClientOfPool, storeAppClientSecrets } from '../../storage/repositories/app-clients.ts';
import type { Unit } from '../../storage/unit.ts';
import type { Services } from '../services.ts';
import {
  type AppClient,
  appClientFromRow,
  type ClientSecret,
  clientSecret,
  secretContext,
} from './app-client.ts';

interface ClientKey {
  readonly poolId: string;
  readonly id: string;
}

/**
 * Gives a client a second secret. Throws InvalidParameterException for a client without a secret, which it never gets
 * afterwards, and LimitExceededException for a third one.
 */
export async function addClientSecret(
  services: Services,
  unit: Unit,
  key: ClientKey,
  value: string,
): Promise<ClientSecret> {
  const client = await clientToChange(services, unit, key);
  const [first, second] = client.secrets;
  if (first === undefined) throw noClientSecret(client.id);
  if (second !== undefined) throw tooManyClientSecrets();
  // The same value twice would stay in force when one of them is deleted.
  if (first.value === value) throw clientSecretTaken();
  // By the time they are told apart.
  const added = clientSecret(client.id, value, Math.max(services.clock.now(), first.createdAt + 1));
  await store(services, unit, client, first, added);
  return added;
}

/** Throws ResourceNotFoundException, and InvalidParameterException for the only one. */
export async function deleteClientSecret(
  services: Services,
  unit: Unit,
  key: ClientKey,
  secretId: string,
): Promise<void> {
  const client = await clientToChange(services, unit, key);
  const kept = client.secrets.filter(({ id }) => id !== secretId);
  if (kept.length === client.secrets.length) throw clientSecretNotFound(secretId);
  const [first] = kept;
  if (first === undefined) throw lastClientSecret();
  // The older one always has the column that versions before this one read.
  await store(services, unit, client, first);
}

async function clientToChange({ keyring }: Services, unit: Unit, key: ClientKey): Promise<AppClient> {
  const row = await findAppClientOfPool.first(unit, key);
  if (row === undefined) throw clientNotFound(key.id);
  return appClientFromRow(row, keyring);
}

async function store(
  services: Services,
  unit: Unit,
  { poolId, id }: ClientKey,
  first: ClientSecret,
  second?: ClientSecret,
): Promise<void> {
  const seal = ({ value }: ClientSecret) => services.keyring.seal(secretContext(poolId, id), value);
  await storeAppClientSecrets.run(unit, {
    poolId,
    id,
    sealed: seal(first),
    createdAt: first.createdAt,
    secondSealed: second === undefined ? null : seal(second),
    secondCreatedAt: second?.createdAt ?? null,
    now: services.clock.now(),
  });
  services.pools.forgetOnCommit(unit, poolId, id);
}
