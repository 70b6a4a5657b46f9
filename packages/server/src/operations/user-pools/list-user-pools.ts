import { userPoolFromRow } from '../../domain/pools/user-pool.ts';
import { listUserPools as list } from '../../storage/repositories/user-pools.ts';
import type { Operation } from '../operation.ts';
import { pageOf, readPageToken } from '../page-token.ts';

export const listUserPools: Operation<'ListUserPools'> = async (services, input) => {
  const after = readPageToken(input.NextToken);
  const rows = await services.storage.read((unit) => list.all(unit, { after, limit: input.MaxResults + 1 }));
  const { page, next } = pageOf(rows, input.MaxResults, ({ id }) => id);
  return {
    UserPools: page.map(userPoolFromRow).map((pool) => ({
      Id: pool.id,
      Name: pool.name,
      LambdaConfig: pool.config.LambdaConfig,
      LastModifiedDate: new Date(pool.updatedAt),
      CreationDate: new Date(pool.createdAt),
    })),
    NextToken: next,
  };
};
