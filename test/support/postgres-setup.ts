import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** There in the project `postgres` alone. */
    postgresUrl?: string;
  }
}

/** One PostgreSQL for all tests of the project; each house gets a database of its own in it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres({ durable: false });
  project.provide('postgresUrl', server.url);
  return server.stop;
}
