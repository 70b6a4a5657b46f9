import { confirmedSession } from '../../domain/sign-in/sign-up-session.ts';
import { postConfirmation } from '../../domain/triggers/post-confirmation.ts';
import { authenticateClient } from '../../domain/users/authenticate-client.ts';
import { confirmSignUp as confirm } from '../../domain/users/confirm-sign-up.ts';
import { ServiceError } from '../../errors.ts';
import type { Operation } from '../operation.ts';

export const confirmSignUp: Operation<'ConfirmSignUp'> = async (services, input) => {
  const { client, pool } = await authenticateClient(services, input);
  const outcome = await services.storage.write(async (unit) => {
    const confirmed = await confirm(services, unit, pool, client, {
      name: input.Username,
      code: input.ConfirmationCode,
      forceAlias: input.ForceAliasCreation ?? false,
    });
    if ('refusal' in confirmed) return confirmed.refusal;
    const { before, user, attribute } = confirmed;
    const answer = await confirmedSession(services, unit, client, input.Session, before, attribute);
    return { user, answer };
  });
  if (outcome instanceof ServiceError) throw outcome;
  const caller = { clientId: client.id, clientMetadata: input.ClientMetadata };
  await postConfirmation(services, pool, 'PostConfirmation_ConfirmSignUp', outcome.user, caller);
  return outcome.answer;
};
