import { consumeCode, refusalOf } from '../../domain/codes/codes.ts';
import type { AddressAttribute } from '../../domain/delivery/masked-destination.ts';
import { confirmedSession } from '../../domain/sign-in/sign-up-session.ts';
import { postConfirmation } from '../../domain/triggers/post-confirmation.ts';
import { authenticateClient } from '../../domain/users/authenticate-client.ts';
import { userOrStandIn } from '../../domain/users/find-user.ts';
import { updateUser } from '../../domain/users/update-user.ts';
import { cannotConfirm, ServiceError, wrongCode } from '../../errors.ts';
import type { Operation } from '../operation.ts';

export const confirmSignUp: Operation<'ConfirmSignUp'> = async (services, input) => {
  const { client, pool } = await authenticateClient(services, input);
  const outcome = await services.storage.write(async (unit) => {
    const { user, sub } = await userOrStandIn(services, unit, pool, client, input.Username);
    if (user && user.status !== 'UNCONFIRMED' && !client.hidesUsers) throw cannotConfirm(user.status);
    const holder = { sub, purpose: 'confirm-sign-up' as const };
    const consumed = await consumeCode(services, unit, pool, holder, input.ConfirmationCode);
    if (consumed.outcome !== 'consumed') return refusalOf(consumed);
    // The code of a stand-in, or of somebody confirmed long ago, was told to nobody: it is right by chance alone.
    if (user?.status !== 'UNCONFIRMED') return wrongCode();
    const attribute = consumed.attribute as AddressAttribute;
    const attributes = { ...user.attributes, [`${attribute}_verified`]: 'true' };
    const changes = { attributes, status: 'CONFIRMED' as const };
    await updateUser(unit, pool, user, changes, {
      now: services.clock.now(),
      forceAlias: input.ForceAliasCreation ?? false,
    });
    const answer = await confirmedSession(services, unit, client, input.Session, user, attribute);
    return { user: { ...user, ...changes }, answer };
  });
  if (outcome instanceof ServiceError) throw outcome;
  const caller = { clientId: client.id, clientMetadata: input.ClientMetadata };
  await postConfirmation(services, pool, 'PostConfirmation_ConfirmSignUp', outcome.user, caller);
  return outcome.answer;
};
