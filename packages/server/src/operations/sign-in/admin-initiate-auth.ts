import { startSignIn } from '../../domain/sign-in/flows.ts';
import type { Operation } from '../operation.ts';

export const adminInitiateAuth: Operation<'AdminInitiateAuth'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const client = await services.pools.clientOfPool(pool.id, input.ClientId);
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
    'admin',
  );
};
