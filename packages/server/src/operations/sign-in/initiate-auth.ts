import { startSignIn } from '../../domain/sign-in/flows.ts';
import type { Operation } from '../operation.ts';

export const initiateAuth: Operation<'InitiateAuth'> = async (services, input) => {
  const client = await services.pools.client(input.ClientId);
  const pool = await services.pools.pool(client.poolId);
  return startSignIn(
    {
      services,
      pool,
      client,
      parameters: input.AuthParameters ?? {},
      session: input.Session,
      validationData: input.ClientMetadata,
    },
    input.AuthFlow,
    'user',
  );
};
