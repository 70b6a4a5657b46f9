import type { StartOptions } from '../../packages/server/src/index.ts';
import { openDatabase } from './database.ts';
import { type House, openHouse } from './house.ts';

/** Several servers on one database, as they stand behind one load balancer. */
export async function openNodes(
  count: number,
  given: StartOptions | ((databaseUrl: string) => StartOptions) = {},
) {
  const resources = new AsyncDisposableStack();
  try {
    const database = resources.use(await openDatabase());
    const options = typeof given === 'function' ? given(database.options.databaseUrl as string) : given;
    const started = { ...database.options, issuer: 'aws', ...options };
    const open = (more: StartOptions = {}) => openHouse({ ...started, ...more });
    const nodes = await Promise.all(Array.from({ length: count }, async () => resources.use(await open())));
    return {
      nodes,
      database,
      /** One node after the other, round and round. */
      node: (index: number) => nodes[index % nodes.length] as House,
      /** One more, started now; for who opens it to close. */
      open,
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

export type Nodes = Awaited<ReturnType<typeof openNodes>>;
