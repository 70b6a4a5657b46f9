import type { Transporter } from 'nodemailer';
import type { Finding } from './channel.ts';
import { dkimRecord, vouchesFor } from './dkim.ts';
import { failureOf, type SmtpError, wordOf } from './smtp-failure.ts';
import { DEFAULT_FROM, type SmtpServer } from './smtp-url.ts';

/** For name, connection, TLS and login together, ms. */
const PATIENCE = 20_000;

/** Connects and logs in, and tells what an operator must know of it. */
export async function checkSmtp(server: SmtpServer, transporter: Transporter): Promise<Finding[]> {
  return [await connection(server, transporter), ...sender(server)];
}

async function connection(server: SmtpServer, transporter: Transporter): Promise<Finding> {
  const where = `${server.host}:${server.port}`;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(Object.assign(new Error('No answer in time'), { code: 'ETIMEDOUT' })),
    PATIENCE,
  );
  try {
    await Promise.race([transporter.verify(), late.promise]);
    const login = server.credentials === undefined ? 'no login is asked for' : 'the login is accepted';
    return { ok: true, text: `${where} answers, and ${login}.` };
  } catch (error) {
    const { message } = failureOf(error as SmtpError, server);
    const advice = adviceFor(error as SmtpError, server);
    return { ok: false, text: advice === undefined ? message : `${message}. ${advice}` };
  } finally {
    clearTimeout(timer);
  }
}

/** What to do about it; the first that fits. */
function adviceFor(error: SmtpError, { implicitTls, port }: SmtpServer): string | undefined {
  const { code, command, message } = error;
  const said = `${wordOf(error)} ${message}`;
  const known: readonly (readonly [boolean, string])[] = [
    [
      code === 'EAUTH',
      'Are user and password right, and percent-encoded? Some providers want a password made for apps.',
    ],
    [
      code === 'EDNS' || /ENOTFOUND/.test(said),
      'The host has no address: check its spelling, and the DNS that this server asks.',
    ],
    [/EAI_AGAIN/.test(said), 'The DNS that this server asks does not answer.'],
    [
      /ECONNREFUSED/.test(said),
      'Nothing listens there: the usual ports are 587 (smtp://) and 465 (smtps://).',
    ],
    [
      /WRONG_VERSION_NUMBER|wrong version number|packet length too long/i.test(said),
      'It speaks no TLS from the start: write smtp:// for STARTTLS.',
    ],
    [/CERT_HAS_EXPIRED|certificate has expired/i.test(said), "The server's certificate has expired."],
    [
      /ALTNAME|does not match certificate/i.test(said),
      "The server's certificate is for another name: write the host as the certificate has it.",
    ],
    [
      /SELF_SIGNED|self[- ]signed|UNABLE_TO_(?:VERIFY|GET_ISSUER)|unable to (?:verify|get)/i.test(said),
      "No authority that is known vouches for the server's certificate: name the authority's file with ca=/path/to/ca.pem.",
    ],
    [
      command === 'STARTTLS' && error.responseCode !== undefined,
      'It offers no STARTTLS, and nothing is sent in clear: write smtps:// if it speaks TLS from the start, often on port 465.',
    ],
    [
      code === 'ETIMEDOUT' && (implicitTls || port !== 465),
      'No answer in time: a firewall may be in between; many networks close port 25.',
    ],
    [code === 'ETIMEDOUT', 'No answer in time: port 465 speaks TLS from the start: write smtps://.'],
  ];
  return known.find(([fits]) => fits)?.[1];
}

function sender({ from, dkim }: SmtpServer): Finding[] {
  const findings: Finding[] = [];
  if (from === DEFAULT_FROM) {
    findings.push({
      ok: false,
      text: `Mail of pools that name no sender is from ${DEFAULT_FROM}, which providers refuse: add from=.`,
    });
  } else {
    findings.push({ ok: true, text: `Mail of pools that name no sender is from ${from}.` });
  }
  if (dkim === undefined) return findings;
  const { name, text } = dkimRecord(dkim);
  findings.push({
    ok: true,
    text: `Mail is signed with DKIM. This TXT record must be published: ${name} ${text}`,
  });
  if (from !== DEFAULT_FROM && !vouchesFor(dkim.domain, from)) {
    findings.push({ ok: false, text: `The signature of ${dkim.domain} does not vouch for ${from}.` });
  }
  return findings;
}
