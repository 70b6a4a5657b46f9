import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ColumnDefinitionBuilder, sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { builderOf } from '../../packages/server/src/storage/dialect.ts';
import { migrations } from '../../packages/server/src/storage/migrations/migrate.ts';
import { purgeExpired, purges } from '../../packages/server/src/storage/repositories/expired.ts';
import { listUsers, type UserFilter } from '../../packages/server/src/storage/repositories/list-users.ts';
import { listMessages } from '../../packages/server/src/storage/repositories/messages.ts';
import { listRecoveries } from '../../packages/server/src/storage/repositories/recoveries.ts';
import { tables } from '../../packages/server/src/storage/schema/tables.ts';
import { statements } from '../../packages/server/src/storage/statement.ts';
import type { Unit } from '../../packages/server/src/storage/unit.ts';
import { nodesIn, parseSql, type SqlNode } from '../support/sql-tree.ts';

// What goes to PostgreSQL stays within what the engines of its kind share: CockroachDB, YugabyteDB, Citus and, but for
// how it makes indexes, Aurora DSQL. PostgreSQL's own parser reads the statements; whatever is not listed here fails.

const repositories = join(import.meta.dirname, '../../packages/server/src/storage/repositories');
const queries = new Set<string>();

beforeAll(async () => {
  for (const file of readdirSync(repositories)) await import(join(repositories, file));
  for (const { text } of statements) queries.add(text({ dialect: 'postgres', locks: true }));
  for (const query of await builtPerRequest()) queries.add(query);
});

/** What is composed for each request: run once in every shape, on a unit that only listens. */
async function builtPerRequest(): Promise<string[]> {
  const heard: string[] = [];
  const listen = async (text: string) => {
    heard.push(text);
    return [];
  };
  const unit = { dialect: 'postgres', locks: true, rows: listen } as unknown as Unit;
  const filters: (UserFilter | undefined)[] = [undefined, { on: 'enabled', value: true }];
  for (const operator of ['=', '^='] as const) {
    for (const on of ['username', 'sub', 'status'] as const) filters.push({ on, operator, value: 'a' });
    filters.push({ on: 'attribute', name: 'email', operator, value: 'a' });
  }
  for (const filter of filters)
    await listUsers(unit, { poolId: 'p', after: { sub: '', value: '' }, limit: 10, filter });
  for (const to of ['a@example.com', undefined]) {
    for (const userPoolId of ['p', undefined]) await listMessages(unit, { to, userPoolId, limit: 10 });
  }
  for (const poolId of ['p', undefined]) {
    for (const names of [['a'], undefined]) await listRecoveries(unit, { poolId, names, before: 'g' }, 10);
  }
  for (const purge of purges) await purgeExpired(unit, purge, 0);
  return heard;
}

const schemaChanges = (): string[] => {
  const types = {
    text: sql.raw('text'),
    blob: sql.raw('bytea'),
    clustered: <T>(table: T): T => table,
    addedColumn: (column: ColumnDefinitionBuilder) => column.ifNotExists(),
  };
  return migrations.flatMap(({ statements: of }) =>
    of(builderOf('postgres').schema, types as never).map((step) => step.compile().sql),
  );
};

const kindsIn = (query: string) => new Set([...nodesIn(parseSql(query))].map(({ kind }) => kind));

test('the review sees every statement', () => {
  expect(queries.size).toBeGreaterThan(70);
  expect(schemaChanges().length).toBeGreaterThan(20);
});

describe('queries', () => {
  const allowed = new Set([
    ...['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt'],
    ...['RangeVar', 'RangeSubselect', 'JoinExpr', 'ResTarget', 'ColumnRef', 'ParamRef', 'List'],
    ...['A_Const', 'A_Expr', 'BoolExpr', 'NullTest', 'CaseExpr', 'CaseWhen', 'SubLink', 'SortBy'],
    ...['FuncCall', 'LockingClause', 'IndexElem', 'RowExpr', 'String', 'Integer'],
  ]);

  test('hold only what all engines have', () => {
    for (const query of queries) {
      const strange = [...kindsIn(query)].filter((kind) => !allowed.has(kind));
      expect(strange, query).toEqual([]);
    }
  });

  test('call no function but count', () => {
    for (const query of queries) {
      for (const { kind, node } of nodesIn(parseSql(query))) {
        if (kind === 'FuncCall') expect(JSON.stringify(node['funcname']), query).toContain('"count"');
      }
    }
  });

  test('name every column: one that a newer node adds changes no prepared statement', () => {
    for (const query of queries) expect(query.replace('count(*)', ''), query).not.toContain('*');
  });

  test('lock by FOR UPDATE, and only rows that they name by their whole key', () => {
    let locking = 0;
    for (const query of queries) {
      const { node } = parseSql(query);
      const clauses = (node['lockingClause'] ?? []) as { LockingClause: SqlNode }[];
      for (const { LockingClause: clause } of clauses) {
        locking += 1;
        expect(clause['strength'], query).toBe('LCS_FORUPDATE');
        expect(clause['waitPolicy'], query).toMatch(/^LockWait(?:Block|Skip)$/);
        const compared = columnsComparedWithAParameter(node['whereClause']);
        const whole = Object.values(tables).some(({ key }) => key.every((column) => compared.has(column)));
        expect(whole, query).toBe(true);
      }
    }
    expect(locking).toBeGreaterThan(4);
  });

  test('resolve conflicts by the primary key', () => {
    for (const query of queries) {
      const { kind, node } = parseSql(query);
      const conflict = node['onConflictClause'] as { infer?: { indexElems: SqlNode[] } } | undefined;
      if (kind !== 'InsertStmt' || conflict === undefined) continue;
      const columns = (conflict.infer?.indexElems ?? []).map(
        (element) => (element['IndexElem'] as SqlNode)['name'],
      );
      const table = (node['relation'] as { relname: keyof typeof tables }).relname;
      expect(columns, query).toEqual(tables[table].key);
    }
  });

  // Everything that a user waits for stays within one pool: engines that spread rows by it ask one machine alone.
  const acrossPools = [
    /from "(?:user_pools|server_state|deleted_pools|access_keys|sandbox_numbers)"/,
    /^update "(?:user_pools|server_state|access_keys|sandbox_numbers)"/,
    /from "app_clients" where "id" = \$1$/,
    /^(?:select|delete) .*from "(?:attempts|sessions|spent_challenges|messages|recoveries)" where "(?:window_ends_at|expires_at|created_at)" <= /,
    // What a lane's next messages are, whose turn is next, and what has neither lane nor code any more.
    /^select (?:"pool_id", "id"|"created_at") from "messages" where \("lane", "due_at"\) > /,
    /^select "pool_id", "due_at" from "messages" where \("lane", "pool_id"\) > /,
    /^select "lane", "due_at" from \(select "lane", "due_at" from "messages" where "lane" is /,
    /^select "pool_id", "id", "channel", "trigger_source" from "messages" where "lane" is null/,
    /^select .* from "messages" where "lane" = 'DEAD' and "expires_at" <= \$1/,
    /^select count\(\*\) as "count" from \(select "due_at" from "messages" where \("lane", "due_at"\) > /,
    /^select "pool_id", "id" from "messages" where "provider_id" = \$1 /,
    /^update "messages" set "due_at" = \$1 where "lane" = \$2 and "due_at" > \$3$/,
    /from "messages" where "status" != /,
    // For operators, who may leave out the pool: found by an index of its own.
    /^select .* from "recoveries" where "id" < /,
    /^delete from "messages"$/,
  ];

  test('stay within one pool, but for the work that is done for all of them', () => {
    for (const query of queries) {
      const { kind, node } = parseSql(query);
      if (kind === 'InsertStmt' || acrossPools.some((pattern) => pattern.test(query))) continue;
      const from = (node['fromClause'] as { RangeSubselect?: { subquery: { SelectStmt: SqlNode } } }[])?.[0];
      const where = node['whereClause'] ?? from?.RangeSubselect?.subquery.SelectStmt['whereClause'];
      expect([...columnsComparedWithAParameter(where)], query).toContain('pool_id');
    }
  });
});

/** `where a = $1 and b = $2 and …`: a and b. */
function columnsComparedWithAParameter(where: unknown): Set<string> {
  const columns = new Set<string>();
  const conditions = (where as { BoolExpr?: { boolop: string; args: SqlNode[] } })?.BoolExpr;
  for (const one of conditions?.boolop === 'AND_EXPR' ? conditions.args : [where as SqlNode]) {
    const comparison = one?.['A_Expr'] as { kind: string; name: SqlNode[]; lexpr: SqlNode; rexpr: SqlNode };
    if (comparison === undefined || !('ParamRef' in comparison.rexpr)) continue;
    if (JSON.stringify(comparison.name) !== '[{"String":{"sval":"="}}]') continue;
    const fields = (comparison.lexpr['ColumnRef'] as { fields: { String: { sval: string } }[] })?.fields;
    columns.add(fields?.at(-1)?.String.sval ?? '');
  }
  return columns;
}

describe('schema changes', () => {
  const allowed = new Set([
    ...['CreateStmt', 'IndexStmt', 'AlterTableStmt', 'AlterTableCmd', 'ColumnDef', 'Constraint'],
    ...['IndexElem', 'String', 'Integer', 'ColumnRef', 'NullTest', 'A_Expr', 'A_Const'],
  ]);

  test('make tables and indexes, add columns, and can be run again', () => {
    for (const change of schemaChanges()) {
      const strange = [...kindsIn(change)].filter((kind) => !allowed.has(kind));
      expect(strange, change).toEqual([]);
      expect(change).toContain('if not exists');
    }
  });

  test('use texts, bytes and integers, and no constraint but keys and not null', () => {
    for (const change of schemaChanges()) {
      for (const { kind, node } of nodesIn(parseSql(change))) {
        if (kind === 'ColumnDef') {
          const type = JSON.stringify((node['typeName'] as SqlNode)['names']).match(/"sval":"(\w+)"\}\}\]$/);
          expect(['text', 'bytea', 'int4', 'int8'], change).toContain(type?.[1]);
        }
        if (kind === 'Constraint') expect(['CONSTR_PRIMARY', 'CONSTR_NOTNULL']).toContain(node['contype']);
      }
    }
  });

  test('lead every key of what a pool holds by the pool', () => {
    const global = ['user_pools', 'server_state', 'deleted_pools', 'access_keys', 'sandbox_numbers'];
    for (const [name, { key, columns }] of Object.entries(tables)) {
      if (global.includes(name)) continue;
      expect(key[0], name).toBe('pool_id');
      for (const column of key) expect(columns).toHaveProperty(column);
    }
  });

  test('make the very tables that backups read', () => {
    const made = new Map<string, string[]>();
    for (const change of schemaChanges()) {
      const { kind, node } = parseSql(change);
      if (kind === 'AlterTableStmt') {
        const added = (node['cmds'] as { AlterTableCmd: { def: { ColumnDef: { colname: string } } } }[]).map(
          ({ AlterTableCmd: { def } }) => def.ColumnDef.colname,
        );
        made.get((node['relation'] as { relname: string }).relname)?.push(...added);
      }
      if (kind !== 'CreateStmt') continue;
      const columns = (node['tableElts'] as { ColumnDef?: { colname: string } }[]).flatMap(
        ({ ColumnDef: column }) => column?.colname ?? [],
      );
      made.set((node['relation'] as { relname: string }).relname, columns);
    }
    for (const [name, { columns }] of Object.entries(tables)) {
      if (name !== 'server_state') expect(made.get(name), name).toEqual(Object.keys(columns));
    }
    expect(made.size + 1).toBe(Object.keys(tables).length);
  });
});
