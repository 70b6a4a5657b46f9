import { type CodeOutcome, consumeCode, requireConsumed } from '../../domain/codes/codes.ts';
import { authenticateClient } from '../../domain/users/authenticate-client.ts';
import { userOrStandIn } from '../../domain/users/find-user.ts';
import { updateUser } from '../../domain/users/update-user.ts';
import { cannotConfirm } from '../../errors.ts';
import type { Operation } from '../operation.ts';

export const confirmSignUp: Operation<'ConfirmSignUp'> = async (services, input) => {
  const { client, pool } = await authenticateClient(services, input);
  const result = await services.storage.write(async (unit): Promise<CodeOutcome> => {
    const { user, sub } = await userOrStandIn(services, unit, pool, client, input.Username);
    if (user && user.status !== 'UNCONFIRMED' && !client.hidesUsers) throw cannotConfirm(user.status);
    const holder = { sub, purpose: 'confirm-sign-up' as const };
    const consumed = await consumeCode(services, unit, pool, holder, input.ConfirmationCode);
    if (consumed.outcome !== 'consumed') return consumed;
    // The code of a stand-in, or of somebody confirmed long ago, was told to nobody: it is right by chance alone.
    if (user?.status !== 'UNCONFIRMED') return { outcome: 'mismatch' };
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
