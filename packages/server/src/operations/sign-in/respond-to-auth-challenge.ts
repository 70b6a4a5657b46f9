import { answerChallenge } from '../../domain/sign-in/flows.ts';
import type { Operation } from '../operation.ts';

export const respondToAuthChallenge: Operation<'RespondToAuthChallenge'> = async (services, input) => {
  const client = await services.pools.client(input.ClientId);
  const pool = await services.pools.pool(client.poolId);
  const parameters = input.ChallengeResponses ?? {};
  const request = { services, pool, client, parameters, clientMetadata: input.ClientMetadata };
  return answerChallenge(request, input.ChallengeName, input.Session);
};
