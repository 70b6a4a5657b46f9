import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { generate } from 'selfsigned';
import { SMTPServer } from 'smtp-server';
import { vi } from 'vitest';

interface Mail {
  /** MAIL FROM and RCPT TO, which need not be what the headers say. */
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly source: string;
  readonly content: ParsedMail;
}

/** An SMTP reply other than "yes": `smtpReply(550, '5.1.1 no such user')`. */
export const smtpReply = (responseCode: number, text: string) =>
  Object.assign(new Error(text), { responseCode });

export interface MailServerOptions {
  readonly port?: number;
  readonly tls?: 'none' | 'starttls' | 'implicit';
  /** Without any, everybody may send. */
  readonly login?: { user: string; pass: string };
  /** Called for each sender, each recipient and each message; an error is the reply. */
  onSender?(address: string): Error | undefined;
  onRecipient?(address: string): Error | undefined;
  onMessage?(): Error | undefined;
  /** What is said of a message that is taken, after its 250. */
  readonly taken?: string;
}

/** A certificate for localhost and 127.0.0.1, or for another name, and a file with its authority (itself) for `ca=`. */
export async function openCertificate({ name, expired = false }: { name?: string; expired?: boolean } = {}) {
  const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    ...(expired && { notBeforeDate: new Date('2020-01-01'), notAfterDate: new Date('2020-02-01') }),
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames:
          name === undefined
            ? [
                { type: 2, value: 'localhost' },
                { type: 7, ip: '127.0.0.1' },
              ]
            : [{ type: 2, value: name }],
      },
    ],
  });
  const directory = mkdtempSync(join(tmpdir(), 'poolkeeper-ca-'));
  const file = join(directory, 'ca.pem');
  writeFileSync(file, pems.cert);
  return {
    key: pems.private,
    cert: pems.cert,
    file,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A real SMTP server on loopback that keeps what it accepts. */
export async function openMailServer(
  options: MailServerOptions = {},
  certificate?: { key: string; cert: string },
) {
  const { tls = 'none', login } = options;
  const mails: Mail[] = [];
  let logins = 0;
  let sessions = 0;
  const server = new SMTPServer({
    ...certificate,
    secure: tls === 'implicit',
    hideSTARTTLS: tls !== 'starttls',
    disabledCommands: [...(tls === 'none' ? ['STARTTLS'] : []), ...(login === undefined ? ['AUTH'] : [])],
    allowInsecureAuth: tls === 'none',
    authOptional: login === undefined,
    // What a server that closes waits for its clients, who keep their connections.
    closeTimeout: 50,
    onConnect: (_, done) => {
      sessions += 1;
      done();
    },
    onAuth: ({ username, password }, _, done) => {
      logins += 1;
      const right = username === login?.user && password === login?.pass;
      // As careless as a server can be: it says what it was told.
      if (right) done(null, { user: username });
      else done(smtpReply(535, `5.7.8 ${password} is wrong for ${username}`));
    },
    onMailFrom: ({ address }, _, done) => done(options.onSender?.(address)),
    onRcptTo: ({ address }, _, done) => done(options.onRecipient?.(address)),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', async () => {
        const refused = options.onMessage?.();
        if (refused !== undefined) return done(refused);
        const source = Buffer.concat(chunks);
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          secure: session.secure,
          user: session.user,
          source: source.toString(),
          content: await simpleParser(source),
        });
        return done(null, options.taken);
      });
    },
  });
  // A client that hangs up amid a handshake is part of some tests.
  server.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', () => resolve());
  });

  const to = (address: string) => mails.filter((mail) => mail.to.includes(address));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    to,
    logins: () => logins,
    sessions: () => sessions,
    /** The first mail to an address, waiting for it to come. */
    first: (address: string, timeout = 10_000): Promise<Mail> =>
      vi.waitFor(
        () => {
          const [mail] = to(address);
          if (mail === undefined) throw new Error(`No mail to ${address}.`);
          return mail;
        },
        { timeout, interval: 20 },
      ),
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

export type MailServer = Awaited<ReturnType<typeof openMailServer>>;

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  await using server = await openMailServer();
  return server.port;
}
