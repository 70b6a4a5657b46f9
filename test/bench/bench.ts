import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cpuSeconds, nodeOnCore, outputOf, pinned, residentMemory, stop, urlOf } from './processes.ts';
import { SRP_PASSWORD, seed } from './seed.ts';

/**
 * What a request costs, as a ratio to a floor measured in the same run: ForgotPassword against a bare node:http echo
 * and against its own statements, SRP sign-in against its own cryptography, and the time to the first answer. Server on one core, load on the other.
 */
const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
  },
});
const USERS = Number(values.users);
const ROUNDS = Number(values.rounds);
const SERVER_CORE = 0;
const LOAD_CORE = 1;
const SERVER = 'packages/server/src/main.ts';
const BENCH = 'test/bench';

interface Load {
  requestsPerSecond: number;
  p50: number;
  p99: number;
  failed: number;
  memory: number;
  cpu: number;
}

const folder = mkdtempSync(join(tmpdir(), 'poolkeeper-bench-'));
const data = join(folder, 'data');
console.error(`Seeding ${USERS} users …`);
const { poolId, clientId } = await seed(data, USERS);
const target = join(folder, 'target.json');
writeFileSync(target, JSON.stringify({ poolId, clientId, users: USERS }));

const echo: Load[] = [];
const forgot: Load[] = [];
const sql: number[] = [];
const crypto: number[] = [];
const srp: { perSecond: number; p50: number; p99: number }[] = [];
for (let round = 1; round <= ROUNDS; round += 1) {
  console.error(`Round ${round} of ${ROUNDS} …`);
  echo.push(await loadOn(`${BENCH}/echo-server.ts`, []));
  forgot.push(await loadOn(SERVER, ['start', '--port', '0', '--data', data]));
  sql.push(await sqlAlone());
  crypto.push(await cryptoAlone());
  srp.push(await signIns());
}
const startUps: number[] = [];
for (let round = 0; round < 5; round += 1) startUps.push(await startUp());
rmSync(folder, { recursive: true, force: true });

const floor = median(echo, (load) => load.requestsPerSecond);
const sqlAlonePerSecond = median(sql, (value) => value);
/** What a server could answer that did nothing but read HTTP and run the statements, one after the other. */
const echoAndSql = 1 / (1 / floor + 1 / sqlAlonePerSecond);
const forgotPerSecond = median(forgot, (load) => load.requestsPerSecond);
const result = {
  cores: pinned ? 'server and load on one core each' : 'not pinned (no taskset)',
  connections: 64,
  users: USERS,
  echo: summary(echo),
  forgotPassword: {
    ...summary(forgot),
    ratioToEcho: round2(forgotPerSecond / floor),
    sqlAlonePerSecond: Math.round(sqlAlonePerSecond),
    ratioToEchoAndSql: round2(forgotPerSecond / echoAndSql),
  },
  srpSignIn: {
    perSecond: round2(median(srp, (load) => load.perSecond)),
    cryptoAlonePerSecond: round2(median(crypto, (value) => value)),
    p50: round2(median(srp, (load) => load.p50)),
    p99: round2(median(srp, (load) => load.p99)),
    ratioToCrypto: round2(median(srp, (load) => load.perSecond) / median(crypto, (value) => value)),
  },
  startUpToFirstAnswerMs: Math.round(median(startUps, (value) => value)),
};

console.table({
  'node:http echo': { ...result.echo, ratio: 1 },
  ForgotPassword: { ...summary(forgot), ratio: result.forgotPassword.ratioToEcho },
});
console.log(
  `The statements of ForgotPassword alone: ${result.forgotPassword.sqlAlonePerSecond} a second; ` +
    `ForgotPassword reaches ${result.forgotPassword.ratioToEchoAndSql} of echo and statements together.`,
);
console.table({
  'SRP crypto alone': { perSecond: result.srpSignIn.cryptoAlonePerSecond, ratio: 1 },
  'SRP sign-in': {
    perSecond: result.srpSignIn.perSecond,
    p50: result.srpSignIn.p50,
    p99: result.srpSignIn.p99,
    ratio: result.srpSignIn.ratioToCrypto,
  },
});
console.log(`Start to first answer: ${result.startUpToFirstAnswerMs} ms`);
console.log(JSON.stringify(result));

async function loadOn(file: string, args: readonly string[]): Promise<Load> {
  const server = nodeOnCore(SERVER_CORE, file, args);
  const url = await urlOf(server);
  // One short load first, so that neither server is measured while its code is still being compiled.
  await outputOf(nodeOnCore(LOAD_CORE, `${BENCH}/load.ts`, [url, '2', target]));
  const before = cpuSeconds(server);
  const output = await outputOf(nodeOnCore(LOAD_CORE, `${BENCH}/load.ts`, [url, values.seconds, target]));
  const cpu = cpuSeconds(server) - before;
  const memory = residentMemory(server);
  await stop(server);
  const load = JSON.parse(output) as Load;
  if (load.failed > 0) throw new Error(`${load.failed} requests failed.`);
  return { ...load, memory, cpu };
}

async function sqlAlone(): Promise<number> {
  const output = await outputOf(nodeOnCore(SERVER_CORE, `${BENCH}/sql-alone.ts`, [data, '4', target]));
  return (JSON.parse(output) as { perSecond: number }).perSecond;
}

async function cryptoAlone(): Promise<number> {
  const output = await outputOf(nodeOnCore(SERVER_CORE, `${BENCH}/srp-crypto.ts`, ['4']));
  return (JSON.parse(output) as { perSecond: number }).perSecond;
}

async function signIns() {
  const server = nodeOnCore(SERVER_CORE, SERVER, ['start', '--port', '0', '--data', data]);
  const url = await urlOf(server);
  const args = [url, '4', clientId, poolId, SRP_PASSWORD];
  const output = await outputOf(nodeOnCore(LOAD_CORE, `${BENCH}/srp-load.ts`, args));
  await stop(server);
  return JSON.parse(output) as { perSecond: number; p50: number; p99: number };
}

/** From the process being spawned to /health answering, ms. */
async function startUp(): Promise<number> {
  const begun = performance.now();
  const server = nodeOnCore(SERVER_CORE, SERVER, ['start', '--port', '0', '--data', data]);
  await fetch(`${await urlOf(server)}/health`);
  const elapsed = performance.now() - begun;
  await stop(server);
  return elapsed;
}

function median<T>(rounds: readonly T[], of: (round: T) => number): number {
  const sorted = rounds.map(of).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}

function summary(loads: readonly Load[]) {
  return {
    requestsPerSecond: Math.round(median(loads, (load) => load.requestsPerSecond)),
    p50: median(loads, (load) => load.p50),
    p99: median(loads, (load) => load.p99),
    memoryMiB: median(loads, (load) => load.memory),
    cpuMicroseconds: round2(
      median(loads, (load) => (load.cpu * 1e6) / (load.requestsPerSecond * Number(values.seconds))),
    ),
  };
}
