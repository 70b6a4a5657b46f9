import { listAppClients } from '../../storage/repositories/app-clients.ts';
import type { Operation } from '../operation.ts';
import { pageOf, readPageToken } from '../page-token.ts';

export const listUserPoolClients: Operation<'ListUserPoolClients'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const limit = input.MaxResults ?? 60;
  const after = readPageToken(input.NextToken);
  const rows = await services.storage.read((unit) =>
    listAppClients.all(unit, { poolId: pool.id, after, limit: limit + 1 }),
  );
  const { page, next } = pageOf(rows, limit, ({ id }) => id);
  return {
    UserPoolClients: page.map((row) => ({ ClientId: row.id, UserPoolId: pool.id, ClientName: row.name })),
    NextToken: next,
  };
};
