import type { Transporter } from 'nodemailer';
import { type Mail, type MailChannel, NotAccepted, Undeliverable } from './channel.ts';
import { readSmtpUrl, type SmtpServer } from './smtp-url.ts';

const CONNECTIONS = 5;
const CONNECT_TIMEOUT = 10_000;
const GREETING_TIMEOUT = 10_000;
const SOCKET_TIMEOUT = 30_000;
/** For the whole of a message, waiting for a connection included: no time-out above sees a server that trickles. */
const SEND_TIMEOUT = 60_000;
/** Replies about this server's login (RFC 4954), whatever was said before them: not the message's fault. */
const ABOUT_THE_LOGIN = [530, 534, 535, 538];
/** Characters that make one stored address read as several, or as another, by who parses it. */
const AMBIGUOUS = /[\s\p{Cc}<>()[\],;:\\"]/u;

/** An SMTP server as a channel; see `readSmtpUrl` for what a URL can say. Throws ConfigError. */
export function createSmtpChannel(url: string): MailChannel {
  const server = readSmtpUrl(url);
  let transporter: Promise<Transporter> | undefined;
  return {
    name: `smtp:${server.host}:${server.port}`,
    async send(mail) {
      transporter ??= connect(server);
      if (AMBIGUOUS.test(mail.to)) throw new Undeliverable('The address cannot be written to.');
      try {
        await (await transporter).sendMail(messageOf(server, mail));
        return { providerId: undefined };
      } catch (error) {
        throw failureOf(error as SmtpError, server);
      }
    },
    check: async () => [],
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
    maxConnections: CONNECTIONS,
    // A pooled connection that went away is replaced at once; all other trying again is the outbox's.
    maxRequeues: 1,
    host: server.host,
    port: server.port,
    secure: server.implicitTls,
    requireTLS: server.requireTls && !server.implicitTls,
    ...(server.credentials && { auth: server.credentials }),
    tls: { rejectUnauthorized: server.verifyCertificate, ...(server.ca && { ca: server.ca }) },
    connectionTimeout: CONNECT_TIMEOUT,
    greetingTimeout: GREETING_TIMEOUT,
    socketTimeout: SOCKET_TIMEOUT,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function messageOf(server: SmtpServer, mail: Mail) {
  const from = mail.from ?? server.from;
  const domain = /@([^\s@<>]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
  return {
    // The same in every attempt, so that a message which went out twice can be told for one.
    messageId: `<${mail.id}@${domain}>`,
    from,
    ...(mail.replyTo !== undefined && { replyTo: mail.replyTo }),
    to: { name: '', address: mail.to },
    subject: mail.subject,
    html: mail.html,
    text: mail.text,
    // No "out of office" in return (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated' },
    signal: AbortSignal.timeout(SEND_TIMEOUT),
  };
}

/** What nodemailer throws. */
interface SmtpError extends Error {
  code?: string;
  command?: string;
  response?: string;
  responseCode?: number;
  permanent?: boolean;
  /** The system's, where `code` is a class of nodemailer's: ECONNREFUSED of an ESOCKET. */
  originalCode?: string;
}

function failureOf(error: SmtpError, server: SmtpServer): Error {
  const { code, command, responseCode } = error;
  const text = textOf(error, server);
  const word = responseCode === undefined ? (error.originalCode ?? code ?? 'SMTP') : `SMTP_${responseCode}`;
  const aboutTheMessage = code === 'EENVELOPE' || code === 'EMESSAGE';
  // What nodemailer itself refuses (`API`) never reached a server.
  const refused = responseCode === undefined ? command === 'API' : error.permanent === true;
  if (aboutTheMessage && refused && !ABOUT_THE_LOGIN.includes(responseCode ?? 0)) {
    return new Undeliverable(text, word);
  }
  return new NotAccepted(text, word);
}

/**
 * A server can quote what it was sent. Of replies to a login or to a message only the numbers are kept; in others,
 * which follow a login at most, the credentials are blotted out.
 */
function textOf(error: SmtpError, { credentials, host, port }: SmtpServer): string {
  const where = `${host}:${port}`;
  if (error.responseCode === undefined) return blotted(`${where}: ${error.message}`, credentials);
  const reply = error.response ?? String(error.responseCode);
  const numbers = /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/.exec(reply)?.[0] ?? String(error.responseCode);
  if (error.code === 'EAUTH') return `${where} refused the login: ${numbers}`;
  if (error.command === 'DATA') return `${where} refused the message: ${numbers}`;
  return blotted(`${where} at ${error.command}: ${reply}`, credentials);
}

function blotted(text: string, credentials: SmtpServer['credentials']): string {
  if (credentials === undefined) return text;
  const { user, pass } = credentials;
  const base64 = [pass, user, `\0${user}\0${pass}`].map((secret) => Buffer.from(secret).toString('base64'));
  return [pass, ...base64].reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}
