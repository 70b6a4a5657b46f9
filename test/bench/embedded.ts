import { join } from 'node:path';
import { createMeasure, type Load, type SignIns } from './measure.ts';
import { pinned } from './processes.ts';
import { middle, printSrp, round2, srpSummary, summary } from './rounds.ts';
import { seed } from './seed.ts';

/** On the embedded database: ForgotPassword against a bare node:http echo and against its own statements, in one run. */
export async function benchEmbedded(options: {
  folder: string;
  users: number;
  seconds: number;
  rounds: number;
}): Promise<void> {
  const { folder, users, seconds, rounds } = options;
  const data = join(folder, 'data');
  console.error(`Seeding ${users} users …`);
  const target = await seed(data, users);
  const measure = createMeasure({ folder, target, seconds, serverArguments: ['--data', data] });

  const echo: Load[] = [];
  const forgot: Load[] = [];
  const sql: number[] = [];
  const crypto: number[] = [];
  const srp: SignIns[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`Round ${round} of ${rounds} …`);
    echo.push(await measure.echo());
    forgot.push(await measure.forgotPassword());
    sql.push(await measure.alone('sql-alone', [data, '4']));
    crypto.push(await measure.alone('srp-crypto', ['4']));
    srp.push(await measure.srpSignIns());
  }
  const startUps: number[] = [];
  for (let round = 0; round < 5; round += 1) startUps.push(await measure.startUp());

  const floor = middle(echo.map((load) => load.requestsPerSecond));
  const sqlAlone = middle(sql);
  /** What a server could answer that did nothing but read HTTP and run the statements, one after the other. */
  const echoAndSql = 1 / (1 / floor + 1 / sqlAlone);
  const perSecond = middle(forgot.map((load) => load.requestsPerSecond));
  const result = {
    cores: pinned ? 'server and load on one core each' : 'not pinned (no taskset)',
    connections: 64,
    users,
    echo: summary(echo),
    forgotPassword: {
      ...summary(forgot),
      ratioToEcho: round2(perSecond / floor),
      sqlAlonePerSecond: Math.round(sqlAlone),
      ratioToEchoAndSql: round2(perSecond / echoAndSql),
    },
    srpSignIn: srpSummary(srp, crypto),
    startUpToFirstAnswerMs: Math.round(middle(startUps)),
  };

  console.table({
    'node:http echo': { ...result.echo, ratio: 1 },
    ForgotPassword: { ...summary(forgot), ratio: result.forgotPassword.ratioToEcho },
  });
  console.log(
    `The statements of ForgotPassword alone: ${result.forgotPassword.sqlAlonePerSecond} a second; ` +
      `ForgotPassword reaches ${result.forgotPassword.ratioToEchoAndSql} of echo and statements together.`,
  );
  printSrp(result.srpSignIn);
  console.log(`Start to first answer: ${result.startUpToFirstAnswerMs} ms`);
  console.log(JSON.stringify(result));
}
