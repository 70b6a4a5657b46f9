import { describeUserPool as describe } from '../../domain/pools/describe.ts';
import { countUsers } from '../../storage/repositories/user-pools.ts';
import type { Operation } from '../operation.ts';

/** The estimate is exact up to here; counting on would make the answer slower with every user. */
const COUNTED = 100_000;

export const describeUserPool: Operation<'DescribeUserPool'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const users = await services.storage.read((unit) =>
    countUsers.first(unit, { poolId: pool.id, limit: COUNTED }),
  );
  return { UserPool: describe(pool, services.region, users?.count ?? 0) };
};
