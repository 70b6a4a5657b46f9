import { isIP } from 'node:net';
import type { SmsConfigurationType } from '@poolkeeper/model';
import { ConfigError } from '../../../config/config-error.ts';
import { functionAddresses } from '../../../config/function-networks.ts';
import { isLoopback } from '../../../config/loopback.ts';
import { requireWebhookSecret, webhookKey } from '../../../config/webhook-secret.ts';
import { adjustableClock } from '../../../platform/clock.ts';
import { newId } from '../../../platform/random.ts';
import { createSignedPost } from '../../../platform/signed-post.ts';
import {
  type Channel,
  type Finding,
  type Mail,
  NotAccepted,
  type Receipt,
  type Sms,
  Undeliverable,
} from './channel.ts';
import type { ChannelOptions } from './email-channel.ts';
import { requireOneAddress } from './mailbox.ts';

/** For the whole of a message, from the name's look-up to the end of the answer, ms. */
const PATIENCE = 10_000;
/** Bytes. */
const LARGEST_ANSWER = 65_536;
/** Statuses about the URL, and not about what was sent there: a deployment under way answers so, too. */
const ABOUT_THE_URL = [404, 405, 410, 421, 426];
/** Statuses that ask to come again. */
const BUSY = [408, 425, 429];

/** What a receiver of mail is posted. Null is what nothing is known of. */
export interface PostedMail {
  readonly type: 'email';
  /** The message's, as `webhook-id`: the same in every attempt. */
  readonly id: string;
  readonly userPoolId: string;
  readonly to: string;
  /** One address, bare or as `Name <address>`; null: the receiver's own sender. */
  readonly from: string | null;
  readonly replyTo: string | null;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Of the pool's EmailConfiguration. */
  readonly configurationSet: string | null;
  readonly sourceArn: string | null;
  /** After it the message is of no use, ms since the epoch. */
  readonly expiresAt: number;
}

/** What a receiver of SMS messages is posted. */
export interface PostedSms {
  readonly type: 'sms';
  readonly id: string;
  readonly userPoolId: string;
  /** In E.164. */
  readonly to: string;
  readonly text: string;
  /** A number in E.164, or a name; null: the receiver's own. */
  readonly sender: string | null;
  /** Of the pool. */
  readonly smsConfiguration: SmsConfigurationType | null;
  readonly expiresAt: number;
}

/** What `check` posts: to be answered as a message would be, and not to be sent. */
export interface PostedCheck {
  readonly type: 'check';
  readonly id: string;
}

/** Mail by requests to an `--email https://…` URL. Throws ConfigError. */
export const createSignedMailChannel = (url: string, options: ChannelOptions): Channel<Mail> =>
  createSignedChannel(url, options, '--email', (mail): PostedMail => {
    requireOneAddress(mail.to);
    return {
      type: 'email',
      ...shared(mail),
      from: mail.from ?? null,
      replyTo: mail.replyTo ?? null,
      subject: mail.subject,
      html: mail.html,
      text: mail.text,
      configurationSet: mail.configurationSet ?? null,
      sourceArn: mail.sourceArn ?? null,
    };
  });

/** SMS messages by requests to an `--sms https://…` URL. Throws ConfigError. */
export const createSignedSmsChannel = (url: string, options: ChannelOptions): Channel<Sms> =>
  createSignedChannel(
    url,
    options,
    '--sms',
    (sms): PostedSms => ({
      type: 'sms',
      ...shared(sms),
      text: sms.text,
      sender: sms.sender ?? null,
      smsConfiguration: sms.config ?? null,
    }),
  );

const shared = ({ id, poolId, to, expiresAt }: Mail | Sms) => ({ id, userPoolId: poolId, to, expiresAt });

function createSignedChannel<Message extends Mail | Sms>(
  text: string,
  options: ChannelOptions,
  option: '--email' | '--sms',
  bodyOf: (message: Message) => PostedMail | PostedSms,
): Channel<Message> {
  const mayBeAt = options.mode === 'dev' ? undefined : functionAddresses(options.functionNetworks);
  const { href, host, protocol } = readReceiver(text, option, mayBeAt);
  requireWebhookSecret(options.webhookSecrets, option);
  const keys = options.webhookSecrets.map(webhookKey);
  // Receivers compare the time with theirs, so it is the system's whatever tests make of the server's.
  const post = createSignedPost({ keys, clock: adjustableClock(), mayBeAt, largestAnswer: LARGEST_ANSWER });
  const name = `${protocol}${host}`;

  /** The answer of a receiver that accepts. */
  async function send(id: string, body: PostedMail | PostedSms | PostedCheck): Promise<string> {
    const patient = AbortSignal.timeout(options.patience ?? PATIENCE);
    try {
      const answer = await post.send(href, { id, body: JSON.stringify(body) }, patient);
      if (!accepts(answer.status)) throw failureOf(answer.status, name);
      return answer.body;
    } catch (error) {
      if (error instanceof NotAccepted || error instanceof Undeliverable) throw error;
      const { status, code } = error as NodeJS.ErrnoException & { status?: number };
      // The status said it; what broke off after it could only have named the message.
      if (status !== undefined) {
        if (accepts(status)) return '';
        throw failureOf(status, name);
      }
      const word = patient.aborted ? 'ETIMEDOUT' : (code ?? 'HTTP');
      throw new NotAccepted(`${name} gave no answer: ${word}.`, word);
    }
  }

  return {
    name,
    send: async (message): Promise<Receipt> => ({
      providerId: messageIdIn(await send(message.id, bodyOf(message))),
    }),
    async check() {
      const id = newId();
      try {
        await send(id, { type: 'check', id });
        return [{ ok: true, text: `${name} took a request of type check, signed with --webhook-secret.` }];
      } catch (error) {
        return [findingOf(error as NotAccepted | Undeliverable)];
      }
    },
    close: async () => post.close(),
  };
}

const accepts = (status: number) => status >= 200 && status < 300;

function failureOf(status: number, name: string): Undeliverable | NotAccepted {
  const code = `HTTP_${status}`;
  const text = `${name} answered ${status}.`;
  if (status === 401 || status === 403) return new NotAccepted(text, code, 'sender');
  const final = status >= 400 && status < 500 && ![...BUSY, ...ABOUT_THE_URL].includes(status);
  return final ? new Undeliverable(text, code) : new NotAccepted(text, code);
}

/** An id of `{"messageId": "…"}`, if it looks like one. */
function messageIdIn(body: string): string | undefined {
  try {
    const { messageId } = JSON.parse(body) as { messageId?: unknown };
    return typeof messageId === 'string' && /^[\x21-\x7e]{1,128}$/.test(messageId) ? messageId : undefined;
  } catch {
    return undefined;
  }
}

function findingOf({ message, code }: NotAccepted | Undeliverable): Finding {
  const advice: Record<string, string> = {
    HTTP_401: 'Does the receiver know the --webhook-secret of this server, and is its clock right?',
    HTTP_403: 'Does the receiver know the --webhook-secret of this server, and is its clock right?',
    HTTP_404: 'Nothing is at the path of the URL.',
    HTTP_405: 'What is at the path of the URL takes no POST.',
    ENOTFOUND: 'The host has no address: check its spelling, and the DNS that this server asks.',
    ECONNREFUSED: 'Nothing listens there.',
    ETIMEDOUT: 'A firewall may be in between.',
    CERT_HAS_EXPIRED: 'Its certificate has expired.',
    ERR_TLS_CERT_ALTNAME_INVALID: 'Its certificate is for another name.',
    DEPTH_ZERO_SELF_SIGNED_CERT:
      'It signed its certificate itself: start this server with NODE_EXTRA_CA_CERTS.',
    AddressNotAllowed: 'It is on a private network: name that with --function-networks if it is meant.',
  };
  const hint = advice[code] ?? (code.startsWith('HTTP_3') ? 'Redirects are not followed.' : undefined);
  return { ok: false, text: hint === undefined ? message : `${message} ${hint}` };
}

/** Throws ConfigError, whose text never holds the URL: a secret can be in any part of one. */
function readReceiver(
  text: string,
  option: string,
  mayBeAt: ((address: string) => boolean) | undefined,
): URL {
  const wrong = (problem: string) =>
    new ConfigError(`An ${option} URL ${problem}. Write it like https://messages.example.com/send.`);
  if (!URL.canParse(text)) throw wrong('is not a URL');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw wrong('has a user, a password or a # in it: requests are signed with --webhook-secret instead');
  }
  if (url.protocol !== 'https:' && !(mayBeAt === undefined && isLoopback(url.hostname))) {
    throw wrong('would send codes unencrypted: http is for this machine in dev mode');
  }
  const address = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) !== 0 && mayBeAt?.(address) === false) {
    throw wrong(
      `names no address of the internet's: say that it is meant with --function-networks ${address}`,
    );
  }
  return url;
}
