import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SRP_PASSWORD } from './pool.ts';
import { cpuSeconds, nodeOnCore, outputOf, residentMemory, stop, urlOf } from './processes.ts';

/** Where server and load run. A core each, so that they do not compete: or wherever there is room, as their rivals do. */
interface Cores {
  readonly server: number | undefined;
  readonly load: number | undefined;
}
const APART: Cores = { server: 0, load: 1 };
export const ANYWHERE: Cores = { server: undefined, load: undefined };
const BENCH = 'test/bench';
export const SERVER = 'packages/server/src/main.ts';
const ECHO = `${BENCH}/echo-server.ts`;

/** A pool to measure on. */
export interface Target {
  readonly poolId: string;
  readonly clientId: string;
  /** Those who ask for codes, in the order in which they do. */
  readonly names: readonly string[];
}

export interface Load {
  requestsPerSecond: number;
  p50: number;
  p99: number;
  failed: number;
  /** Of the server: MiB. */
  memory: number;
  /** Of the server: seconds of a core that a request took. */
  cpu: number;
}

export interface SignIns {
  perSecond: number;
  p50: number;
  p99: number;
}

/** What one run measures: a server and its load, for so many seconds each. */
export function createMeasure(options: {
  folder: string;
  target: Target;
  seconds: number;
  serverArguments: readonly string[];
  cores?: Cores;
}) {
  const { folder, target, seconds, serverArguments, cores = APART } = options;
  const file = join(folder, 'target.json');
  writeFileSync(file, JSON.stringify(target));
  const startServer = () => nodeOnCore(cores.server, SERVER, ['start', '--port', '0', ...serverArguments]);

  async function loadOn(server: ReturnType<typeof nodeOnCore>): Promise<Load> {
    const url = await urlOf(server);
    // One short load first, so that neither server is measured while its code is still being compiled.
    await outputOf(nodeOnCore(cores.load, `${BENCH}/load.ts`, [url, '2', file]));
    const before = cpuSeconds(server);
    const output = await outputOf(nodeOnCore(cores.load, `${BENCH}/load.ts`, [url, String(seconds), file]));
    const cpu = cpuSeconds(server) - before;
    const memory = residentMemory(server);
    await stop(server);
    const load = JSON.parse(output) as Omit<Load, 'cpu' | 'memory'> & { total: number };
    if (load.failed > 0) throw new Error(`${load.failed} requests failed.`);
    return { ...load, memory, cpu: cpu / load.total };
  }

  return {
    echo: () => loadOn(nodeOnCore(cores.server, ECHO, [])),
    forgotPassword: () => loadOn(startServer()),

    /** How often a second one of the floors, a program of its own on the server's core, gets through. */
    async alone(program: 'sql-alone' | 'srp-crypto', args: readonly string[]): Promise<number> {
      const output = await outputOf(nodeOnCore(cores.server, `${BENCH}/${program}.ts`, [...args, file]));
      return (JSON.parse(output) as { perSecond: number }).perSecond;
    },

    async srpSignIns(): Promise<SignIns> {
      const server = startServer();
      const url = await urlOf(server);
      const args = [url, '4', target.clientId, target.poolId, SRP_PASSWORD];
      const output = await outputOf(nodeOnCore(cores.load, `${BENCH}/srp-load.ts`, args));
      await stop(server);
      return JSON.parse(output) as SignIns;
    },

    /** From the process being spawned to /health answering, ms. */
    async startUp(): Promise<number> {
      const begun = performance.now();
      const server = startServer();
      await fetch(`${await urlOf(server)}/health`);
      const elapsed = performance.now() - begun;
      await stop(server);
      return elapsed;
    },
  };
}
