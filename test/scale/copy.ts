import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Client } from 'pg';
import type { SqlValue } from '../../packages/server/src/storage/unit.ts';

/** What `pg` hands to a query that it lets speak for itself, as far as COPY needs it. */
interface Connection {
  readonly stream: Socket;
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(reason: string): void;
}

const CHUNK = 1 << 17;

/** `COPY … FROM STDIN` of lines that are made while they are sent: memory stays small, however many there are. */
export async function copyInto(client: Client, target: string, lines: Iterable<string>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const query = {
      submit: (connection: Connection) => connection.query(`copy ${target} from stdin`),
      handleCopyInResponse(connection: Connection) {
        send(connection, lines).catch((error: Error) => connection.sendCopyFail(error.message));
      },
      handleCommandComplete: () => {},
      handleReadyForQuery: () => resolve(),
      handleError: reject,
    };
    client.query(query as never);
  });
}

async function send(connection: Connection, lines: Iterable<string>): Promise<void> {
  let chunk = '';
  const flush = async () => {
    connection.sendCopyFromChunk(Buffer.from(chunk));
    chunk = '';
    if (connection.stream.writableNeedDrain) await once(connection.stream, 'drain');
  };
  for (const line of lines) {
    chunk += line;
    if (chunk.length > CHUNK) await flush();
  }
  if (chunk !== '') await flush();
  connection.endCopyFrom();
}

/** A row in COPY's text format. Nothing that is copied here holds a tab, a line's end or a backslash. */
export const copyLine = (values: readonly SqlValue[]) => `${values.map(copyValue).join('\t')}\n`;

const hex = new WeakMap<Uint8Array, string>();

function copyValue(value: SqlValue): string | number {
  if (value === null) return '\\N';
  if (typeof value !== 'object') return value;
  let text = hex.get(value);
  if (text === undefined) {
    text = `\\\\x${Buffer.from(value).toString('hex')}`;
    hex.set(value, text);
  }
  return text;
}
