import { join } from 'node:path';
import { startPoolkeeper } from '../../packages/server/src/index.ts';
import { fillPostgres } from '../scale/fill-postgres.ts';
import { createProgress } from '../scale/progress.ts';
import { commonOf, loadsOf } from '../scale/rows.ts';
import { subOf, usernameOf } from '../scale/users.ts';
import { call } from './call.ts';
import type { Target } from './measure.ts';
import type { Recorded } from './pgbench.ts';
import { createPool } from './pool.ts';
import { masterKey } from './postgres-house.ts';
import { recordUnit } from './recorded-unit.ts';

const TABLES = ['users', 'sign_in_names', 'searchable_attributes'];

/** A pool of `users` confirmed users with passwords, and what the server sends for one ForgotPassword. */
export async function seedPostgres(
  url: string,
  folder: string,
  users: number,
): Promise<{ target: Target; recorded: Recorded }> {
  const server = await startPoolkeeper({ data: join(folder, 'seed'), databaseUrl: url, masterKey });
  try {
    const { poolId, clientId } = await createPool(server);
    const loads = loadsOf(await commonOf(poolId, clientId, { uniform: true }), TABLES);
    await fillPostgres(url, loads, 0, users, createProgress('Seeding', users * 5));
    const [username, sub] = [usernameOf(7), subOf(7)];
    // The second one: what is looked up once and then known is not part of a request.
    const forgotPassword = () =>
      call(server.url, 'ForgotPassword', { ClientId: clientId, Username: username });
    await forgotPassword();
    const sent = await recordUnit('messages', forgotPassword);
    return {
      target: { poolId, clientId, names: randomNames(users) },
      recorded: { sent, username, sub, firstUsername: Number(usernameOf(0)), users },
    };
  } finally {
    await server.close();
  }
}

const randomNames = (users: number) =>
  Array.from({ length: Math.min(users, 131_072) }, () => usernameOf(Math.floor(Math.random() * users)));
