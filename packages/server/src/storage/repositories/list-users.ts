import { columnsOf } from '../schema/tables.ts';
import { rowsOf } from '../statement.ts';
import type { Unit } from '../unit.ts';
import type { UserRow } from './users.ts';

/** One condition of ListUsers: `operator` `=` compares whole values, `^=` their beginning. */
export type UserFilter =
  | { on: 'attribute'; name: string; operator: '=' | '^='; value: string }
  | { on: 'username' | 'sub' | 'status'; operator: '=' | '^='; value: string }
  | { on: 'enabled'; value: boolean };

/** Past every character that a value can hold, for the upper end of a prefix's range. */
const LAST_CHARACTER = '\u{10FFFF}';

/** A page of users in the order of their subs, those after `after`. Every filter but `enabled` is an index range. */
export function listUsers(
  unit: Unit,
  page: { poolId: string; after: string; limit: number; filter: UserFilter | undefined },
): Promise<UserRow[]> {
  const { poolId, filter } = page;
  return rowsOf(unit, (db) => {
    let users = db
      .selectFrom('users')
      .select(columnsOf('users').map((column) => `users.${column}` as const))
      .where('users.pool_id', '=', poolId)
      .where('users.sub', '>', page.after)
      .orderBy('users.sub')
      .limit(page.limit);
    if (filter === undefined) return users;
    if (filter.on === 'enabled') return users.where('users.enabled', '=', filter.value ? 1 : 0);
    if (filter.on !== 'attribute') {
      const column = `users.${filter.on}` as const;
      users = users.where(column, filter.operator === '=' ? '=' : '>=', filter.value as never);
      return filter.operator === '='
        ? users
        : users.where(column, '<', `${filter.value}${LAST_CHARACTER}` as never);
    }
    const matching = db
      .selectFrom('searchable_attributes')
      .select('sub')
      .where('pool_id', '=', poolId)
      .where('name', '=', filter.name)
      .where('value', filter.operator === '=' ? '=' : '>=', filter.value);
    return users.where(
      'users.sub',
      'in',
      filter.operator === '=' ? matching : matching.where('value', '<', `${filter.value}${LAST_CHARACTER}`),
    );
  });
}
