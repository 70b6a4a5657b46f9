import { createHttpAgents, type HttpAnswer, httpOnce } from '../../../platform/http-once.ts';
import { type Finding, NotAccepted, type Sms, type SmsChannel, Undeliverable } from './channel.ts';
import { idIn } from './provider-id.ts';
import type { SmsChannelOptions } from './sms-channel.ts';
import { readTwilioUrl, twilioCallbackUrl } from './twilio-url.ts';

/** How long a provider is waited for, ms. */
const PATIENCE = 10_000;
/** Bytes. */
const LARGEST_ANSWER = 65_536;
const FORM_TYPE = 'application/x-www-form-urlencoded';
/** Seconds; what lives longer is left to the provider's own bound. */
const LONGEST_VALIDITY = 14_400;
/** The provider refuses this server's login, address or path, whatever the message. */
const ABOUT_THE_CHANNEL = new Set([401, 403, 404, 405, 407]);
const PASSING = new Set([408, 425, 429]);

/** Twilio, or another who speaks its API for messages; see `readTwilioUrl` for what a URL can say. Throws ConfigError. */
export function createTwilioChannel(text: string, options: SmsChannelOptions): SmsChannel {
  const account = readTwilioUrl(text);
  const { clock, patience = PATIENCE } = options;
  const agents = createHttpAgents();
  const callback = account.callbackToken === undefined ? undefined : twilioCallbackUrl(options.publicUrl);
  const headers = { authorization: account.login, accept: 'application/json', 'user-agent': 'poolkeeper' };

  /** Posts the form, or gets where there is none. Rejects where no status came; what breaks off after one has no body. */
  async function ask(path: string, form?: string): Promise<HttpAnswer> {
    const signal = AbortSignal.timeout(patience);
    try {
      return await httpOnce(`${account.url}${path}`, {
        method: form === undefined ? 'GET' : 'POST',
        headers: form === undefined ? headers : { ...headers, 'content-type': FORM_TYPE },
        body: form,
        signal,
        agents,
        largestAnswer: LARGEST_ANSWER,
      });
    } catch (error) {
      const { status } = error as { readonly status?: number };
      if (status !== undefined) return { status, body: '' };
      throw signal.aborted ? Object.assign(new Error('No answer in time.'), { code: 'ETIMEDOUT' }) : error;
    }
  }

  function formOf({ to, text: Body, sender, expiresAt }: Sms): string {
    const validity = Math.floor((expiresAt - clock.now()) / 1000);
    return new URLSearchParams({
      To: to,
      Body,
      ...(sender === undefined ? account.sender : { From: sender }),
      ...(validity <= LONGEST_VALIDITY && { ValidityPeriod: String(Math.max(validity, 1)) }),
      ...(callback !== undefined && { StatusCallback: callback }),
    }).toString();
  }

  return {
    name: `twilio:${account.host}`,
    obeys: ({ config }) => config?.EumsSms === undefined,
    async send(sms) {
      if (sms.sender === undefined && account.sender === undefined) {
        throw new NotAccepted(
          'The --sms URL names neither from nor messaging-service.',
          'NO_SENDER',
          'sender',
        );
      }
      const form = formOf(sms);
      let answer: HttpAnswer;
      try {
        answer = await ask('/Messages.json', form);
      } catch (error) {
        throw unreached(account.host, error);
      }
      const { sid } = membersOf(answer);
      // What was created was accepted, also where the rest of the answer was lost; any other success has to show it.
      if (answer.status === 201 || (isSuccess(answer) && idIn(sid) !== undefined))
        return { providerId: idIn(sid) };
      throw failureOf(account.host, answer);
    },
    async check() {
      try {
        return [findingOf(account.host, await ask('.json'))];
      } catch (error) {
        return [{ ok: false, text: unreached(account.host, error).message }];
      }
    },
    async close() {
      agents.close();
    },
  };
}

const isSuccess = ({ status }: HttpAnswer) => status >= 200 && status < 300;

function membersOf({ body }: HttpAnswer): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(body) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function unreached(host: string, error: unknown): NotAccepted {
  const { code } = error as { readonly code?: unknown };
  const word = typeof code === 'string' && /^\w{1,40}$/.test(code) ? code : 'NO_ANSWER';
  return new NotAccepted(`${host} could not be reached: ${word}.`, word);
}

/**
 * By the status alone: Twilio asks not to build on its error codes, which it goes on splitting. They are told to
 * operators; the texts beside them, which repeat numbers, are not.
 */
function failureOf(host: string, answer: HttpAnswer): Error {
  const { status } = answer;
  const { code } = membersOf(answer);
  const known = Number.isInteger(code) && (code as number) > 0 && (code as number) < 1_000_000;
  const word = known ? `TWILIO_${code}` : `HTTP_${status}`;
  const told = `${host} answered with status ${status}${known ? `, error ${code}` : ''}.`;
  if (ABOUT_THE_CHANNEL.has(status)) return new NotAccepted(told, word, 'sender');
  if (status < 400 || status >= 500 || PASSING.has(status)) return new NotAccepted(told, word);
  return new Undeliverable(told, word);
}

function findingOf(host: string, answer: HttpAnswer): Finding {
  const { status, type } = membersOf(answer);
  if (answer.status === 401 || answer.status === 403) {
    return { ok: false, text: `${host} refuses the account sid and token of the --sms URL.` };
  }
  if (!isSuccess(answer) || typeof status !== 'string') {
    return {
      ok: false,
      text: `${host} shows no account: status ${answer.status}. Look at the host and its base path.`,
    };
  }
  if (status !== 'active') {
    return {
      ok: false,
      text: `The account at ${host} is ${/^\w{1,20}$/.test(status) ? status : 'not active'}.`,
    };
  }
  return type === 'Trial'
    ? { ok: false, text: `The account at ${host} is on trial: only numbers verified there get messages.` }
    : { ok: true, text: `The account at ${host} is active.` };
}
