import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';

const CODE = /code is (\d{6})/;
const MESSAGE_ID = /^Message-ID: <([^@>]+)@/im;
const TO = /^To: <?([^@\s<>]+)@/im;

interface Mail {
  readonly code: string;
  /** How often it came; more than once is allowed, never is not. */
  times: number;
}

/** Where the mails of every user go: an SMTP server on loopback that keeps the code of each message. */
export async function openMailbox() {
  const byId = new Map<string, Mail>();
  const byUser = new Map<string, string[]>();
  let closed = false;

  function keep(text: string): void {
    const [id, user, code] = [MESSAGE_ID, TO, CODE].map((pattern) => pattern.exec(text)?.[1]);
    if (id === undefined || user === undefined || code === undefined)
      throw new Error(`A strange mail: ${text}`);
    const known = byId.get(id);
    if (known !== undefined) {
      known.times += 1;
      return;
    }
    byId.set(id, { code, times: 1 });
    byUser.set(user, [...(byUser.get(user) ?? []), id]);
  }

  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onMailFrom: (_address, _session, done) =>
      done(closed ? Object.assign(new Error('4.3.2 later, please'), { responseCode: 451 }) : null),
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        keep(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  // A killed server leaves its connections in the middle of a word.
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');

  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}?from=no-reply@example.com`,
    /** How often a message came. */
    timesOf: (id: string) => byId.get(id)?.times ?? 0,
    codesOf: (user: string) => (byUser.get(user) ?? []).map((id) => byId.get(id)?.code as string),
    /** The code of the first mail to a user, once it has come. */
    async firstCode(user: string, patience: number): Promise<string | undefined> {
      const end = performance.now() + patience;
      while (performance.now() < end) {
        const [id] = byUser.get(user) ?? [];
        if (id !== undefined) return byId.get(id)?.code;
        await sleep(25);
      }
      return undefined;
    },
    duplicates: () => [...byId.values()].reduce((sum, { times }) => sum + times - 1, 0),
    /** Turns every mail away for a while, as a provider does that is too busy. */
    refuse(refusing: boolean) {
      closed = refusing;
    },
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

export type Mailbox = Awaited<ReturnType<typeof openMailbox>>;
