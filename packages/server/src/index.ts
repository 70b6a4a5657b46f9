import { configOf, type StartOptions } from './config/config.ts';
import { type RunningServer, startServer } from './server.ts';

export type { StartOptions } from './config/config.ts';
export { ConfigError } from './config/config-error.ts';
export type { RunningServer } from './server.ts';

/**
 * Starts a server inside this process, for tests: `await startPoolkeeper({ data: ':memory:', port: 0 })`.
 * Resolves to `{ url, close() }` once it answers. Throws `ConfigError` for options that cannot work.
 */
export async function startPoolkeeper(options: StartOptions = {}): Promise<RunningServer> {
  return startServer(await configOf({ data: ':memory:', port: 0, ...options }));
}
