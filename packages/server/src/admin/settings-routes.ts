import type { FastifyInstance } from 'fastify';
import { settingsFromJson, settingsToJson } from '../domain/pools/settings.ts';
import { userPoolFromRow } from '../domain/pools/user-pool.ts';
import type { Services } from '../domain/services.ts';
import { userPoolNotFound } from '../errors.ts';
import { findUserPool, updateUserPoolSettings } from '../storage/repositories/user-pools.ts';
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
      const row = await findUserPool.first(unit, { id });
      if (row === undefined) throw userPoolNotFound(id);
      const laid = settingsFromJson(json, userPoolFromRow(row).settings);
      await updateUserPoolSettings.run(unit, { id, settings: JSON.stringify(laid) });
      services.pools.forgetOnCommit(unit, id);
      return laid;
    });
    return settingsToJson(settings);
  });
}
