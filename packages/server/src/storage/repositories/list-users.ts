import { sql } from 'kysely';
import { columnsOf } from '../schema/tables.ts';
import { rowsOf } from '../statement.ts';
import type { Unit } from '../unit.ts';
import type { UserRow } from './users.ts';

/** One condition of ListUsers: `operator` `=` compares whole values, `^=` their beginning. */
export type UserFilter =
  | { on: 'attribute'; name: string; operator: '=' | '^='; value: string }
  | { on: 'username' | 'sub' | 'status'; operator: '=' | '^='; value: string }
  | { on: 'enabled'; value: boolean };

/** Where a page ended: users are in the order of the value that is filtered by, then of their subs. */
export interface UserPlace {
  readonly sub: string;
  /** Empty where that value is the same for all of them, or their sub. */
  readonly value: string;
}

interface Page {
  readonly poolId: string;
  readonly after: UserPlace;
  readonly limit: number;
  readonly filter: UserFilter | undefined;
}

export type ListedUser = UserRow & { readonly place: UserPlace };

/** Past every character that a value can hold, for the upper end of a prefix's range. */
const LAST_CHARACTER = '\u{10FFFF}';
const pastPrefix = (prefix: string) => `${prefix}${LAST_CHARACTER}`;

/**
 * Whether a page goes on within the range that begins with `value`, and so has its lower bound there. There is ever one
 * bound: of two, databases seek by the one that they like and walk from there.
 */
const isBegun = (after: UserPlace, value: string) => after.value.startsWith(value);

const userColumns = columnsOf('users').map((column) => `users.${column}` as const);

/**
 * A page of users, those after `after`. Each filter reads the rows of one index, in its order and no more of them than
 * the page has, however many users match: a sorted page would read them all.
 */
export async function listUsers(unit: Unit, page: Page): Promise<ListedUser[]> {
  const { filter } = page;
  if (filter?.on === 'attribute') return byAttribute(unit, page, filter);
  if (filter?.on === 'username' || filter?.on === 'status') return byColumn(unit, page, filter);
  if (filter?.on === 'enabled' && !filter.value) return disabled(unit, page);
  const rows = await rowsOf(unit, (db) => {
    const users = db
      .selectFrom('users')
      .select(userColumns)
      .where('users.pool_id', '=', page.poolId)
      .orderBy('users.sub')
      .limit(page.limit);
    if (filter?.on === 'sub' && filter.operator === '^=') {
      const begun = page.after.sub >= filter.value;
      return users
        .where('users.sub', begun ? '>' : '>=', begun ? page.after.sub : filter.value)
        .where('users.sub', '<', pastPrefix(filter.value));
    }
    const following = users.where('users.sub', '>', page.after.sub);
    if (filter === undefined) return following;
    return filter.on === 'sub'
      ? following.where('users.sub', '=', filter.value)
      : following.where('users.enabled', '=', 1);
  });
  return rows.map((row) => ({ ...row, place: { sub: row.sub, value: '' } }));
}

/** In the order of their names: by subs SQLite would walk all users, and not take the index of the few disabled. */
async function disabled(unit: Unit, { poolId, after, limit }: Page): Promise<ListedUser[]> {
  const rows = await rowsOf(unit, (db) =>
    db
      .selectFrom('users')
      .select(userColumns)
      .where('users.pool_id', '=', poolId)
      // Written out, as the index has it.
      .where('users.enabled', '=', sql.lit(0))
      .where((row) =>
        row(row.refTuple('users.username', 'users.sub'), '>', row.tuple(after.value, after.sub)),
      )
      .orderBy('users.username')
      .orderBy('users.sub')
      .limit(limit),
  );
  return rows.map((row) => ({ ...row, place: { sub: row.sub, value: row.username } }));
}

async function byColumn(
  unit: Unit,
  { poolId, after, limit }: Page,
  { on: column, operator, value }: Extract<UserFilter, { on: 'username' | 'sub' | 'status' }>,
): Promise<ListedUser[]> {
  const rows = await rowsOf(unit, (db) =>
    db
      .selectFrom('users')
      .select(userColumns)
      .where('users.pool_id', '=', poolId)
      // A range also for whole values: by an equality SQLite would walk all users in the order of their subs.
      .where(
        `users.${column}`,
        operator === '=' ? '<=' : '<',
        (operator === '=' ? value : pastPrefix(value)) as never,
      )
      .where((row) =>
        isBegun(after, value)
          ? row(row.refTuple(`users.${column}`, 'users.sub'), '>', row.tuple(after.value as never, after.sub))
          : row(`users.${column}`, '>=', value as never),
      )
      .orderBy(`users.${column}`)
      .orderBy('users.sub')
      .limit(limit),
  );
  return rows.map((row) => ({ ...row, place: { sub: row.sub, value: row[column] } }));
}

async function byAttribute(
  unit: Unit,
  { poolId, after, limit }: Page,
  filter: Extract<UserFilter, { on: 'attribute' }>,
): Promise<ListedUser[]> {
  const rows = await rowsOf(unit, (db) => {
    const matching = db
      .selectFrom('searchable_attributes as found')
      .innerJoin('users', (join) =>
        join.onRef('users.pool_id', '=', 'found.pool_id').onRef('users.sub', '=', 'found.sub'),
      )
      .select(userColumns)
      .select('found.value as found_value')
      .where('found.pool_id', '=', poolId)
      .where('found.name', '=', filter.name)
      .orderBy('found.value')
      .orderBy('found.sub')
      .limit(limit);
    if (filter.operator === '=') {
      return matching.where('found.value', '=', filter.value).where('found.sub', '>', after.sub);
    }
    return matching
      .where('found.value', '<', pastPrefix(filter.value))
      .where((row) =>
        isBegun(after, filter.value)
          ? row(row.refTuple('found.value', 'found.sub'), '>', row.tuple(after.value, after.sub))
          : row('found.value', '>=', filter.value),
      );
  });
  return rows.map(({ found_value, ...row }) => ({ ...row, place: { sub: row.sub, value: found_value } }));
}
