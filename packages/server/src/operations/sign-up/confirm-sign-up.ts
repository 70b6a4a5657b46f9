import { type CodeOutcome, consumeCode, requireConsumed } from '../../domain/codes/codes.ts';
import { requireSecretHash } from '../../domain/pools/client-secret.ts';
import { userOrStandIn } from '../../domain/users/find-user.ts';
import { updateUser } from '../../domain/users/update-user.ts';
import { cannotConfirm } from '../../errors.ts';
import type { Operation } from '../operation.ts';

export const confirmSignUp: Operation<'ConfirmSignUp'> = async (services, input) => {
  const client = await services.pools.client(input.ClientId);
  requireSecretHash(client, input.SecretHash, input.Username);
  const pool = await services.pools.pool(client.poolId);
  const result = await services.storage.write(async (unit): Promise<CodeOutcome> => {
    const { user, sub } = await userOrStandIn(services, unit, pool, client, input.Username);
    if (user && user.status !== 'UNCONFIRMED' && !client.hidesUsers) throw cannotConfirm(user.status);
    const holder = { sub, purpose: 'confirm-sign-up' as const };
    const consumed = await consumeCode(
      services,
      unit,
      pool,
      holder,
      input.ConfirmationCode,
      'confirm-sign-up',
    );
    if (consumed.outcome !== 'consumed' || user === undefined) return consumed;
    const attributes = { ...user.attributes, [`${consumed.attribute}_verified`]: 'true' };
    await updateUser(
      unit,
      pool,
      user,
      { attributes, status: 'CONFIRMED' },
      { now: services.clock.now(), forceAlias: input.ForceAliasCreation ?? false },
    );
    return consumed;
  });
  requireConsumed(result);
  return {};
};
