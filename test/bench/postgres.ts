import { join } from 'node:path';
import { query } from '../support/postgres-databases.ts';
import { ANYWHERE, createMeasure, type Load, type SignIns } from './measure.ts';
import { runPgbench, writeScript } from './pgbench.ts';
import { masterKey, openHouse, pgbenchProgram } from './postgres-house.ts';
import { median, middle, printSrp, round2, srpSummary, summary } from './rounds.ts';
import { seedPostgres } from './seed-postgres.ts';

/** As many as the server answers at once, and as many as it has connections. */
const CLIENTS = [64, 16] as const;

/** On PostgreSQL: ForgotPassword against pgbench running the same statements on the same rows, in turns. */
export async function benchPostgres(options: {
  folder: string;
  url: string;
  users: number;
  seconds: number;
  rounds: number;
  connections: string;
}): Promise<void> {
  const { folder, users, seconds, rounds, connections } = options;
  const pgbench = pgbenchProgram();
  await using house = await openHouse(options.url);
  const { url } = house;
  const { target, recorded } = await seedPostgres(url, folder, users);
  const script = writeScript(join(folder, 'forgot-password.sql'), recorded);
  // The server is a process of its own, and reads its key from the environment.
  process.env['POOLKEEPER_MASTER_KEY'] = masterKey;
  const serverArguments = ['--data', join(folder, 'data'), '--database-url', url];
  const measure = createMeasure({
    folder,
    target,
    seconds,
    serverArguments: [...serverArguments, '--database-connections', connections],
    // PostgreSQL is on both cores, and so is pgbench: to hold the server to one would measure the scheduler.
    cores: ANYWHERE,
  });
  // Nobody has asked for a code yet, and nothing waits to be written: each measurement begins alike.
  const reset = async () => {
    await query(url, 'truncate attempts, messages, sessions, spent_challenges');
    await query(url, 'checkpoint');
  };

  const forgot: Load[] = [];
  const crypto: number[] = [];
  const srp: SignIns[] = [];
  const floors = CLIENTS.map((clients) => ({ clients, perSecond: [] as number[] }));
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`Round ${round} of ${rounds} …`);
    for (const floor of floors) {
      await reset();
      const { clients } = floor;
      // A short one first, as before the server's.
      await runPgbench(pgbench, url, script, { clients, seconds: 2, first: 0 });
      const run = await runPgbench(pgbench, url, script, { clients, seconds, first: 1_000_000 });
      floor.perSecond.push(run.perSecond);
    }
    await reset();
    forgot.push(await measure.forgotPassword());
    crypto.push(await measure.alone('srp-crypto', ['4']));
    srp.push(await measure.srpSignIns());
  }
  await house.clear();

  const [{ version } = {}] = await query(url, 'show server_version').then((rows) =>
    rows.map((row) => ({ version: row['server_version'] })),
  );
  const perSecond = median(forgot, (load) => load.requestsPerSecond);
  const ratioTo = (floor: (typeof floors)[number]) => round2(perSecond / middle(floor.perSecond));
  const result = {
    database: `PostgreSQL ${version}`,
    cores: 'server, load, pgbench and PostgreSQL wherever there is room',
    connections: 64,
    databaseConnections: Number(connections),
    users,
    statements: recorded.sent.length,
    pgbench: Object.fromEntries(
      floors.map((floor) => [`clients${floor.clients}`, Math.round(middle(floor.perSecond))]),
    ),
    forgotPassword: {
      ...summary(forgot),
      ratioToPgbench: Object.fromEntries(floors.map((floor) => [`clients${floor.clients}`, ratioTo(floor)])),
    },
    srpSignIn: srpSummary(srp, crypto),
  };
  console.table({
    ...Object.fromEntries(
      floors.map((floor) => [
        `pgbench, ${floor.clients} clients`,
        { requestsPerSecond: Math.round(middle(floor.perSecond)), 'ForgotPassword is': ratioTo(floor) },
      ]),
    ),
    ForgotPassword: summary(forgot),
  });
  printSrp(result.srpSignIn);
  console.log(JSON.stringify(result));
}
