import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import type { Dialect } from '../../packages/server/src/storage/dialect.ts';
import { listUsers, type UserFilter } from '../../packages/server/src/storage/repositories/list-users.ts';
import { statements } from '../../packages/server/src/storage/statement.ts';
import type { SqlValue, Unit } from '../../packages/server/src/storage/unit.ts';
import { emailOf, nameOf, subOf, usernameOf } from './users.ts';

/** How PostgreSQL finds what is asked for, as EXPLAIN tells it: ListUsers by what it did, the rest by what it would do. */
export async function postgresPlans(url: string, poolId: string, users: number): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const explain = async (title: string, text: string, values: readonly SqlValue[] = []) => {
    const { rows } = await client
      .query<{ 'QUERY PLAN': string }>({ text: `explain ${text}`, values: values as SqlValue[] })
      .catch((error: Error) => ({ rows: [{ 'QUERY PLAN': error.message }] }));
    return section(
      title,
      rows.map((row) => row['QUERY PLAN']),
    );
  };
  try {
    await client.query('set statement_timeout = 60000');
    const parts: string[] = [];
    for (const { title, sql, values } of await listings('postgres', poolId, users)) {
      parts.push(await explain(title, `(analyze, buffers) ${sql}`, values));
    }
    // The plan that suits any values; PostgreSQL takes it after five runs, unless those for the values were cheaper.
    await client.query('set plan_cache_mode = force_generic_plan');
    for (const [place, statement] of statements.entries()) {
      const sql = statement.text({ dialect: 'postgres', locks: true });
      const parameters = new Set(sql.match(/\$\d+/g)).size;
      if (!sql.includes(' where ') || parameters === 0) continue;
      await client.query(`prepare plan${place} as ${sql}`);
      const nulls = Array(parameters).fill('null').join(', ');
      parts.push(await explain(sql, `(costs off) execute plan${place}(${nulls})`));
    }
    return parts.join('\n');
  } finally {
    await client.end();
  }
}

/** The same of SQLite, whose plans do not depend on values. */
export async function sqlitePlans(data: string, poolId: string, users: number): Promise<string> {
  const database = new DatabaseSync(join(data, 'poolkeeper.db'), { readOnly: true });
  const explain = (title: string, sql: string) =>
    section(
      title,
      database
        .prepare(`explain query plan ${sql}`)
        .all()
        .map((row) => row['detail'] as string),
    );
  try {
    const parts = (await listings('sqlite', poolId, users)).map(({ title, sql }) => explain(title, sql));
    for (const statement of statements) {
      const sql = statement.text({ dialect: 'sqlite', locks: false });
      if (sql.includes(' where ')) parts.push(explain(sql, sql));
    }
    return parts.join('\n');
  } finally {
    database.close();
  }
}

const section = (title: string, lines: readonly string[]) => `### ${title}\n\n${lines.join('\n')}\n`;

/** What ListUsers sends for each kind of filter. */
async function listings(dialect: Dialect, poolId: string, users: number) {
  const found: { title: string; sql: string; values: readonly SqlValue[] }[] = [];
  for (const [title, filter] of filtersOf(users >> 1)) {
    const rows = async (sql: string, values: readonly SqlValue[]) => {
      found.push({ title: `ListUsers ${title}`, sql, values });
      return [];
    };
    await listUsers({ dialect, rows } as unknown as Unit, {
      poolId,
      after: { sub: '', value: '' },
      limit: 61,
      filter,
    });
  }
  return found;
}

const filtersOf = (index: number): [string, UserFilter | undefined][] => [
  ['all', undefined],
  ['email =', { on: 'attribute', name: 'email', operator: '=', value: emailOf(index) }],
  ['email ^= (1 in 64)', { on: 'attribute', name: 'email', operator: '^=', value: 'ada.' }],
  ['email ^= (a letter)', { on: 'attribute', name: 'email', operator: '^=', value: 'j' }],
  ['name = (1 in 4,096)', { on: 'attribute', name: 'name', operator: '=', value: nameOf(index) }],
  ['username ^= (ten)', { on: 'username', operator: '^=', value: usernameOf(index).slice(0, -1) }],
  ['username ^= (everybody)', { on: 'username', operator: '^=', value: '1' }],
  ['sub =', { on: 'sub', operator: '=', value: subOf(index) }],
  ['sub ^=', { on: 'sub', operator: '^=', value: subOf(index).slice(0, 3) }],
  ['status = CONFIRMED', { on: 'status', operator: '=', value: 'CONFIRMED' }],
  ['status = RESET_REQUIRED', { on: 'status', operator: '=', value: 'RESET_REQUIRED' }],
  ['status ^= C', { on: 'status', operator: '^=', value: 'C' }],
  ['enabled', { on: 'enabled', value: true }],
  ['disabled', { on: 'enabled', value: false }],
];
