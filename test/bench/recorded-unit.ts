import { Client } from 'pg';

/** A statement as the server sent it to PostgreSQL. */
export interface Sent {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/**
 * What the server in this process sends over one connection for `work`, from BEGIN to COMMIT: to measure the same with
 * something else, it has to be the same. Of several units it is the one that writes to `table`.
 */
export async function recordUnit(table: string, work: () => Promise<unknown>): Promise<Sent[]> {
  const byConnection = new Map<Client, Sent[]>();
  const original = Client.prototype.query;
  Client.prototype.query = function (this: Client, ...given: unknown[]) {
    const [first] = given as [string | { text?: string; values?: unknown[] }];
    const { text = '', values = [] } = typeof first === 'string' ? { text: first } : first;
    const sent = byConnection.get(this) ?? [];
    byConnection.set(this, [...sent, { sql: text, values }]);
    return Reflect.apply(original, this, given);
  } as typeof original;
  try {
    await work();
  } finally {
    Client.prototype.query = original;
  }
  for (const sent of byConnection.values()) {
    const write = sent.findIndex(({ sql }) => sql.startsWith(`insert into "${table}"`));
    if (write === -1) continue;
    const begin = sent.findLastIndex(({ sql }, index) => index < write && sql.startsWith('begin'));
    const commit = sent.findIndex(({ sql }, index) => index > write && sql === 'commit');
    if (begin !== -1 && commit !== -1) return sent.slice(begin, commit + 1);
  }
  throw new Error(`No unit that writes to ${table} was seen.`);
}
