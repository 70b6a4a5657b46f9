import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Sent } from './recorded-unit.ts';

const run = promisify(execFile);

/** What of a recorded unit differs from one user to the next. */
export interface Recorded {
  readonly sent: readonly Sent[];
  readonly username: string;
  readonly sub: string;
  /** User names are numbers from here on. */
  readonly firstUsername: number;
  readonly users: number;
}

export interface Script {
  readonly file: string;
  readonly definitions: readonly string[];
}

const UUID = /^[0-9a-f]{8}-/;
/** Milliseconds since the epoch. */
const isTime = (value: unknown): value is number => typeof value === 'number' && value > 1e12;

/**
 * The same statements with the same values, but for whom: a random user each time, found as the server finds them.
 * pgbench makes numbers alone, so a message's id is one of 16 digits, in the order of time as the server's is.
 */
export function writeScript(file: string, { sent, username, sub, firstUsername, users }: Recorded): Script {
  const definitions: string[] = [];
  const head = [
    `\\set name random(${firstUsername}, ${firstUsername + users - 1})`,
    '\\set seq :seq + 1',
    '\\set id 1000000000000000 + :seq * 1000 + :client_id',
  ];
  const define = (value: unknown): string => {
    const name = `v${definitions.length}`;
    definitions.push(
      `${name}=${value instanceof Uint8Array ? `\\x${Buffer.from(value).toString('hex')}` : value}`,
    );
    return name;
  };
  const variable = (value: unknown): string => {
    if (value === null) return 'null';
    if (value === username) return ':name';
    if (value === sub) return ':user_sub';
    if (typeof value === 'string' && UUID.test(value)) return ':id';
    const name = define(value);
    if (!isTime(value)) return `:${name}`;
    // Time goes on, so that an index on it grows at its end.
    head.push(`\\set t${name} :${name} + :seq`);
    return `:t${name}`;
  };
  const body = sent.map(({ sql, values }) => {
    const text = sql.replace(/\$(\d+)/g, (_, number: string) => variable(values[Number(number) - 1]));
    return text.startsWith('select') ? `${text} \\gset user_` : `${text};`;
  });
  writeFileSync(file, [...head, ...body, ''].join('\n'));
  return { file, definitions };
}

/** Transactions a second. `first` keeps the ids of two runs apart. */
export async function runPgbench(
  program: string,
  url: string,
  { file, definitions }: Script,
  { clients, seconds, first }: { clients: number; seconds: number; first: number },
): Promise<{ perSecond: number; milliseconds: number }> {
  const { password, ...where } = splitUrl(url);
  const args = [
    ...['--no-vacuum', '--protocol=prepared', '--jobs=2', `--client=${clients}`, `--time=${seconds}`],
    ...[
      `--file=${file}`,
      `--define=seq=${first}`,
      ...definitions.map((definition) => `--define=${definition}`),
    ],
    where.url,
  ];
  // Not in the arguments, which everybody on the machine can read.
  const env = { ...process.env, ...(password !== '' && { PGPASSWORD: password }) };
  const { stdout } = await run(program, args, { env });
  const perSecond = Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
  const milliseconds = Number(/latency average = ([\d.]+)/.exec(stdout)?.[1]);
  if (!(perSecond > 0) || !/number of failed transactions: 0 /.test(stdout)) {
    throw new Error(`pgbench did not get through:\n${stdout}`);
  }
  return { perSecond, milliseconds };
}

function splitUrl(text: string): { url: string; password: string } {
  const url = new URL(text);
  const password = decodeURIComponent(url.password);
  url.password = '';
  return { url: url.href, password };
}
