import { loadModule, parseSync } from 'libpg-query';

/** PostgreSQL's own parse tree of one statement. */
export type SqlNode = { readonly [key: string]: unknown };

await loadModule();

/** Throws on what PostgreSQL's grammar does not take. */
export function parseSql(sql: string): { kind: string; node: SqlNode } {
  const { stmts } = parseSync(sql) as { stmts: { stmt: SqlNode }[] };
  if (stmts.length !== 1) throw new Error(`Not one statement: ${sql}`);
  const [[kind, node]] = Object.entries(stmts[0]?.stmt ?? {}) as [[string, SqlNode]];
  return { kind, node };
}

/** Every node below, with the name of its kind (`SelectStmt`, `FuncCall` …): what the tree has in capitals. */
export function* nodesIn(value: unknown): Generator<{ kind: string; node: SqlNode }> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, below] of Object.entries(value)) {
    if (/^[A-Z]/.test(key)) yield { kind: key, node: below as SqlNode };
    yield* nodesIn(below);
  }
}
