import type { FastifyInstance } from 'fastify';
import { currentPool } from '../domain/pools/directory.ts';
import { settingsFromJson, settingsToJson } from '../domain/pools/settings.ts';
import type { Services } from '../domain/services.ts';
import { updateUserPoolSettings } from '../storage/repositories/user-pools.ts';
import { readJson } from './read-request.ts';

const PATH = '/_poolkeeper/pools/:userPoolId/settings';
interface Route {
  Params: { userPoolId: string };
}

/** What a pool can be set to beyond Amazon Cognito. `PUT` changes what it names and answers all of it. */
export function settingsRoutes(app: FastifyInstance, services: Services): void {
  app.get<Route>(PATH, async ({ params }) => {
    const pool = await services.pools.pool(params.userPoolId);
    return settingsToJson(pool.settings);
  });

  app.put<Route>(PATH, async (request) => {
    const id = request.params.userPoolId;
    const json = readJson(request);
    const settings = await services.storage.write(async (unit) => {
      const laid = settingsFromJson(json, (await currentPool(unit, id)).settings);
      await updateUserPoolSettings.run(unit, { id, settings: JSON.stringify(laid) });
      services.pools.forgetOnCommit(unit, id);
      return laid;
    });
    return settingsToJson(settings);
  });
}
