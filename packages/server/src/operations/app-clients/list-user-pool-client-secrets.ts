import { describeClientSecret } from '../../domain/pools/describe.ts';
import { invalid } from '../../errors.ts';
import type { Operation } from '../operation.ts';

/** Both at once, and no value of either, as on Amazon Cognito. */
export const listUserPoolClientSecrets: Operation<'ListUserPoolClientSecrets'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const client = await services.pools.clientOfPool(pool.id, input.ClientId);
  if (input.NextToken !== undefined) throw invalid('Invalid pagination token.');
  return { ClientSecrets: client.secrets.map(describeClientSecret) };
};
