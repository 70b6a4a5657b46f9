import { connect } from 'node:net';
import type { Client } from 'pg';
import { SECOND } from '../platform/duration.ts';

/** The code of a CancelRequest in PostgreSQL's protocol, where others have a version. */
const CANCEL = 80877102;
const LENGTH = 16;
const PATIENCE = 3 * SECOND;

/**
 * Has the server end what a connection that was given up still does. Nothing else tells it while a commit waits for its
 * standby, whatever the time-outs: each such commit would keep its locks, and its place among the connections.
 */
export function cancel(client: Pick<Client, 'host' | 'port'>): void {
  const { processID, secretKey } = client as { processID?: number; secretKey?: number };
  if (!processID || !secretKey) return;
  const request = Buffer.alloc(LENGTH);
  for (const [index, value] of [LENGTH, CANCEL, processID, secretKey].entries()) {
    request.writeInt32BE(value, index * 4);
  }
  const { host, port } = client;
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
  socket.setTimeout(PATIENCE, () => socket.destroy());
  socket.on('error', () => {});
  socket.unref();
  socket.end(request);
}
