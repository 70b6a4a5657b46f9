import { join } from 'node:path';
import { createMeasure, SERVER } from '../bench/measure.ts';
import { nodeOnCore, outputOf, residentMemory, stop, urlOf } from '../bench/processes.ts';
import type { Measured } from './measured.ts';
import { anybodyOrdinary, probe } from './probes.ts';
import { rowsPerUser } from './rows.ts';
import type { Subject } from './subject.ts';
import { usernameOf } from './users.ts';

const SERVER_CORE = 0;
/** More than are asked in the seconds of a measurement, so that nearly each is a user not asked before. */
const SAMPLE = 131_072;

/** Everything that is measured at one number of users. */
export async function measureStep(
  subject: Subject,
  folder: string,
  users: number,
  seconds: number,
): Promise<Measured> {
  const { poolId, clientId, serverArguments } = subject;
  const measured: Measured = {};
  let bytes = 0;
  for (const size of await subject.sizes()) {
    const perUser = rowsPerUser(size.table);
    if (perUser === 0) continue;
    measured[`${size.table}, bytes a row`] = size.bytes / size.rows;
    measured[`${size.table}, index bytes a row`] = size.indexBytes / size.rows;
    bytes += ((size.bytes + size.indexBytes) / size.rows) * perUser;
  }
  measured['one user with all these, bytes'] = bytes;

  const names = Array.from({ length: Math.min(users, SAMPLE) }, () => usernameOf(anybodyOrdinary(users)));
  const target = { poolId, clientId, names };
  const measure = createMeasure({ folder, target, seconds, serverArguments });
  console.error('ForgotPassword …');
  const forgot = await measure.forgotPassword();
  measured['ForgotPassword, a second'] = forgot.requestsPerSecond;
  measured['ForgotPassword, p50 ms'] = forgot.p50;
  measured['ForgotPassword, p99 ms'] = forgot.p99;
  measured['ForgotPassword, CPU ms'] = forgot.cpu * 1000;
  measured['memory of the server after it, MiB'] = forgot.memory;

  console.error('ListUsers and sign-ins …');
  const server = nodeOnCore(SERVER_CORE, SERVER, ['start', '--port', '0', ...serverArguments]);
  try {
    Object.assign(measured, await probe(await urlOf(server), server, target, users));
    measured['memory of the server after these, MiB'] = residentMemory(server);
  } finally {
    await stop(server);
  }

  console.error('Statements alone …');
  const args = [subject.where, '3', join(folder, 'target.json')];
  const output = await outputOf(nodeOnCore(SERVER_CORE, 'test/scale/statements.ts', args));
  return { ...measured, ...(JSON.parse(output) as Measured) };
}
