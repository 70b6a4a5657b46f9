import { describeAppClient } from '../../domain/pools/describe.ts';
import type { Operation } from '../operation.ts';

export const describeUserPoolClient: Operation<'DescribeUserPoolClient'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  return { UserPoolClient: describeAppClient(await services.pools.clientOfPool(pool.id, input.ClientId)) };
};
