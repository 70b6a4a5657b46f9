import { startOptions } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { type DatabaseConfig, databaseConfigOf, databaseOptions } from '../config/database-config.ts';
import { helpOf, type Options, readOptions } from '../config/options.ts';
import { type Counts, move } from '../storage/copy/move.ts';
import { COPYING } from '../storage/copy/servers.ts';
import type { Dialect } from '../storage/dialect.ts';
import { removeMovedMark } from '../storage/marks.ts';
import { migrate as toNewestSchema } from '../storage/migrations/migrate.ts';
import { openExistingStorage, openStorage } from '../storage/open-database.ts';
import type { Command } from './command.ts';
import { number, showProgress } from './progress.ts';

const { data, 'database-url': databaseUrl, 'database-connections': connections, config } = databaseOptions;
const options = {
  from: { type: 'string', help: ['KIND', 'where the users are now: sqlite (in --data) or postgres'] },
  to: { type: 'string', help: ['KIND', 'where they go: postgres (at --database-url) or sqlite'] },
  'keep-source': {
    type: 'boolean',
    help: ['', 'lets servers go on starting on the source; without --to: lets them again'],
  },
  data,
  'database-url': databaseUrl,
  'database-connections': connections,
  config,
} as const satisfies Options;

export const migrate: Command = {
  summary: 'moves everything from SQLite to PostgreSQL, or back',
  usage: `poolkeeper migrate --from sqlite --to postgres --data DIR --database-url URL [--keep-source]

${helpOf(options)}

Stop the servers first. A run that was interrupted is gone on with by the same command. At the end the rows of every
table are counted on both sides, and servers no longer start on the source.`,
  async run(args) {
    const given = readOptions(options, args, process.env, startOptions);
    const config = await databaseConfigOf({
      data: given.one('data'),
      databaseUrl: given.all('database-url'),
      databaseConnections: given.one('database-connections'),
    });
    const from = kindOf('from', given.one('from'));
    const keepSource = given.flag('keep-source');
    if (keepSource && given.one('to') === undefined) return letServe(only(config, from));
    const to = kindOf('to', given.one('to'));
    if (from === to)
      throw new ConfigError('--from and --to are the same: a copy is made by backup and restore.');
    await moveAll(only(config, from), only(config, to), keepSource);
  },
};

async function moveAll(from: DatabaseConfig, to: DatabaseConfig, keepSource: boolean): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const source = await openExistingStorage(from, { applicationName: COPYING });
  stack.defer(source.close);
  const target = await openStorage(to, { applicationName: COPYING });
  stack.defer(target.close);
  const now = Date.now();
  await toNewestSchema(source.storage, now);
  const progress = showProgress();
  const counts = await move(source.storage, target.storage, {
    now,
    keepSource,
    onRows: progress.onRows,
    onStart(counts, before) {
      progress.of(sum(counts), sum(before));
      if (sum(before) > 0) console.error(`Goes on after ${number(sum(before))} rows.`);
    },
  });
  const { seconds } = progress.end();
  for (const [table, count] of Object.entries(counts)) {
    console.error(`${table.padEnd(22)} ${number(count).padStart(14)} rows on both sides`);
  }
  console.error(
    `Moved ${number(sum(counts))} rows, ${seconds.toFixed(1)} s in this run. Start with the new database and the same master key${keepSource ? '' : '; servers do not start on the old one any more'}.`,
  );
}

/** Takes away the mark that a migration left on its source. */
async function letServe(config: DatabaseConfig): Promise<void> {
  const { storage, close } = await openExistingStorage(config, { applicationName: COPYING });
  try {
    const marks = await storage.write(removeMovedMark);
    console.error(marks === 0 ? 'Servers start on it as it is.' : 'Servers start on it again.');
  } finally {
    await close();
  }
}

function kindOf(option: string, text: string | undefined): Dialect {
  if (text === 'sqlite' || text === 'postgres') return text;
  throw new ConfigError(`--${option} must be sqlite or postgres${text ? `, not ${text}` : ''}.`);
}

function only(config: DatabaseConfig, dialect: Dialect): DatabaseConfig {
  if (dialect === 'sqlite') return { ...config, databaseUrls: [] };
  if (config.databaseUrls.length === 0) throw new ConfigError('Say which PostgreSQL: --database-url URL');
  return config;
}

const sum = (counts: Counts) => Object.values(counts).reduce((all, count) => all + count, 0);
