import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchEmbedded } from './embedded.ts';
import { benchPostgres } from './postgres.ts';

/**
 * What a request costs, as a ratio to a floor measured in the same run: ForgotPassword and SRP sign-in, server on one
 * core, load on the other. `--database-url` measures on PostgreSQL; `start` in place of the URL brings one along.
 */
const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    'database-url': { type: 'string' },
    'database-connections': { type: 'string', default: '16' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'poolkeeper-bench-'));
const options = {
  folder,
  users: Number(values.users),
  seconds: Number(values.seconds),
  rounds: Number(values.rounds),
};
try {
  const url = values['database-url'];
  if (url === undefined) await benchEmbedded(options);
  else await benchPostgres({ ...options, url, connections: values['database-connections'] });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
