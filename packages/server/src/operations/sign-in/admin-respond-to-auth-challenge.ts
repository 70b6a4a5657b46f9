import { answerChallenge } from '../../domain/sign-in/flows.ts';
import type { Operation } from '../operation.ts';

export const adminRespondToAuthChallenge: Operation<'AdminRespondToAuthChallenge'> = async (
  services,
  input,
) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const client = await services.pools.clientOfPool(pool.id, input.ClientId);
  const parameters = input.ChallengeResponses ?? {};
  const request = { services, pool, client, parameters, clientMetadata: input.ClientMetadata };
  return answerChallenge(request, input.ChallengeName, input.Session);
};
