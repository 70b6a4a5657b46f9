import { factorsOf, shownFactors } from '../../domain/mfa/factors.ts';
import { attributeList, userFromRow } from '../../domain/users/user.ts';
import { readUserFilter } from '../../domain/users/user-filter.ts';
import { unknownAttributesRequested } from '../../errors.ts';
import { listUsers as list } from '../../storage/repositories/list-users.ts';
import type { Operation } from '../operation.ts';
import { pageOf, readPageToken } from '../page-token.ts';

const LARGEST_PAGE = 60;
const SUB_LENGTH = 36;
const placeIn = (token: string) => ({ sub: token.slice(0, SUB_LENGTH), value: token.slice(SUB_LENGTH) });

export const listUsers: Operation<'ListUsers'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  // A limit of 0 asks for as many as there are in a page, as on AWS.
  const limit = input.Limit || LARGEST_PAGE;
  const page = {
    poolId: pool.id,
    after: placeIn(readPageToken(input.PaginationToken)),
    limit: limit + 1,
    filter: readUserFilter(pool, input.Filter),
  };
  const wanted = input.AttributesToGet && new Set(input.AttributesToGet);
  for (const name of wanted ?? []) if (!pool.schema.has(name)) throw unknownAttributesRequested();
  const rows = await services.storage.read((unit) => list(unit, page));
  const { page: found, next } = pageOf(rows, limit, ({ place }) => `${place.sub}${place.value}`);
  return {
    Users: found.map(userFromRow).map((user) => ({
      Username: user.username,
      Attributes: attributeList(user).filter(({ Name: name }) => wanted?.has(name) ?? true),
      UserCreateDate: new Date(user.createdAt),
      UserLastModifiedDate: new Date(user.updatedAt),
      Enabled: user.enabled,
      UserStatus: user.status,
      MFAOptions: shownFactors(factorsOf(services, user)).MFAOptions,
    })),
    PaginationToken: next,
  };
};
