import type { Transporter } from 'nodemailer';
import type { Mail, MailChannel } from './channel.ts';
import type { DkimKey } from './dkim.ts';
import type { ChannelOptions } from './email-channel.ts';
import { readSender, requireOneAddress } from './mailbox.ts';
import { idIn } from './provider-id.ts';
import { checkSmtp } from './smtp-check.ts';
import { failureOf, type SmtpError } from './smtp-failure.ts';
import { readSmtpUrl, type SmtpServer } from './smtp-url.ts';

const CONNECT_TIMEOUT = 10_000;
const GREETING_TIMEOUT = 10_000;
const SOCKET_TIMEOUT = 30_000;
/** For the whole of a message, waiting for a connection included: no time-out above sees a server that trickles. */
const SEND_TIMEOUT = 60_000;

/** An SMTP server as a channel; see `readSmtpUrl` for what a URL can say. Throws ConfigError. */
export function createSmtpChannel(
  url: string,
  { patience = SEND_TIMEOUT }: Pick<ChannelOptions, 'patience'> = {},
): MailChannel {
  const server = readSmtpUrl(url);
  let transporter: Promise<Transporter> | undefined;
  return {
    name: `smtp:${server.host}:${server.port}`,
    async send(mail, timeLeft = patience) {
      transporter ??= connect(server);
      requireOneAddress(mail.to);
      try {
        const { response } = await (await transporter).sendMail({
          ...messageOf(server, mail),
          signal: AbortSignal.timeout(Math.min(patience, timeLeft)),
        });
        return { providerId: idInReply(response) };
      } catch (error) {
        throw failureOf(error as SmtpError, server);
      }
    },
    async check() {
      transporter ??= connect(server);
      return checkSmtp(server, await transporter);
    },
    async close() {
      (await transporter)?.close({ force: true });
    },
  };
}

/** nodemailer is loaded with the first message: a start without email stays quick. */
async function connect(server: SmtpServer): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    pool: true,
    maxConnections: server.connections,
    // Trying again is the outbox's: the server may have taken what it did not answer to.
    maxRequeues: 0,
    host: server.host,
    port: server.port,
    secure: server.implicitTls,
    requireTLS: server.requireTls && !server.implicitTls,
    ...(server.credentials && { auth: server.credentials }),
    ...(server.dkim && { dkim: dkimOf(server.dkim) }),
    tls: { rejectUnauthorized: server.verifyCertificate, ...(server.ca && { ca: server.ca }) },
    connectionTimeout: CONNECT_TIMEOUT,
    greetingTimeout: GREETING_TIMEOUT,
    socketTimeout: SOCKET_TIMEOUT,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function messageOf(server: SmtpServer, mail: Mail) {
  const from = readSender(mail.from ?? server.from);
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  return {
    // The same in every attempt, so that a message which went out twice can be told for one.
    messageId: `<${mail.id}@${domain}>`,
    from,
    ...(mail.replyTo !== undefined && { replyTo: mail.replyTo }),
    to: { name: '', address: mail.to },
    subject: mail.subject,
    html: mail.html,
    text: mail.text,
    headers: {
      // No "out of office" in return (RFC 3834).
      'Auto-Submitted': 'auto-generated',
      ...(mail.configurationSet !== undefined && sesHeaders(mail, mail.configurationSet)),
    },
  };
}

/** What Amazon SES reads where it is reached by SMTP, and takes out. */
const sesHeaders = ({ id, poolId }: Mail, configurationSet: string) => ({
  'X-SES-CONFIGURATION-SET': configurationSet,
  'X-SES-MESSAGE-TAGS': `poolkeeper-message=${id}, poolkeeper-pool=${poolId}`,
});

const dkimOf = ({ domain, selector, privateKey }: DkimKey) => ({
  domainName: domain,
  keySelector: selector,
  privateKey,
});

/** How servers say what they call a message: Amazon SES, Postfix, Exim, Sendmail, Microsoft 365. */
const REPLIES = [
  /^250 Ok ([0-9a-f]+(?:-[0-9a-f]+)+)$/i,
  /\bqueued as ([\w-]+)/i,
  /\bid=([\w-]+)/,
  /^250 2\.0\.0 (\w+) Message accepted for delivery/,
  /^250 2\.0\.0 OK <([^<>\s]+)>/i,
];

function idInReply(response: unknown): string | undefined {
  const reply = String(response).slice(0, 1000).trim();
  for (const form of REPLIES) {
    const id = form.exec(reply)?.[1];
    if (id !== undefined) return idIn(id);
  }
  return undefined;
}
