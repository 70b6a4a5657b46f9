import { isLoopback } from '../../../config/loopback.ts';
import { readChannelUrl } from './channel-url.ts';

const FORM = {
  option: '--sms',
  example: 'twilio://AC…:auth-token@api.twilio.com?from=+12065550100',
  options: ['from', 'messaging-service', 'account', 'auth-token', 'status-callback', 'insecure'],
} as const;
/** A number, a short code or a name of letters and digits. */
const SENDER = /^(?:\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{1,11})$/;
/** Twilio's, and those of others who speak its API. */
const SID = /^[\w-]{1,64}$/;

/** Somebody who speaks Twilio's API for messages. */
export interface TwilioAccount {
  readonly host: string;
  /** Of the account, without a slash at its end: `https://api.twilio.com/2010-04-01/Accounts/AC…`. */
  readonly url: string;
  readonly account: string;
  /** Of HTTP Basic: the account's sid and token, or an API key's. */
  readonly login: string;
  /** Who sends, where the rules of a country do not say it. */
  readonly sender: { readonly From: string } | { readonly MessagingServiceSid: string } | undefined;
  /** What callbacks are signed with; undefined: none are asked for. */
  readonly callbackToken: string | undefined;
}

/**
 * Reads `twilio://sid:token@host[:port][/base]` with the options
 * - `from=+12065550100` (or a name), or `messaging-service=MG…`, where the rules of a country name no sender;
 * - `account=AC…`, where an API key (`SK…`) stands before the `@`, and `auth-token=…`: the account's, with which
 *   callbacks are signed then, too;
 * - `status-callback=off`: does not ask to be told what becomes of a message;
 * - `insecure=true`: http in place of https, on loopback alone.
 *
 * Throws ConfigError.
 */
export function readTwilioUrl(text: string): TwilioAccount {
  const { url, host, options, wrong, decoded } = readChannelUrl(text, FORM);
  const [sid, token] = [decoded(url.username), decoded(url.password)];
  if (sid === '' || token === '') throw wrong('names no account sid and auth token before its host');
  if (!SID.test(sid) || /[^\x21-\x7e]/.test(token)) {
    throw wrong('has something unexpected before its host');
  }
  const isKey = sid.startsWith('SK');
  const { account = isKey ? undefined : sid, from, 'messaging-service': service } = options;
  if (account === undefined) throw wrong('has an API key, and no account=AC… that it belongs to');
  if (!SID.test(account)) throw wrong('has an account that is no sid such as AC…');
  if (from !== undefined && service !== undefined) throw wrong('has both from and messaging-service');
  if (from !== undefined && !SENDER.test(from))
    throw wrong('has a from that is no number such as +12065550100');
  if (service !== undefined && !SID.test(service)) {
    throw wrong('has a messaging-service that is no sid such as MG…');
  }
  const { 'status-callback': callback = 'on', insecure = 'false', 'auth-token': authToken } = options;
  if (callback !== 'on' && callback !== 'off')
    throw wrong('has a status-callback that is neither on nor off');
  if (insecure !== 'true' && insecure !== 'false')
    throw wrong('has an insecure that is neither true nor false');
  if (insecure === 'true' && !isLoopback(host)) {
    throw wrong('asks for insecure=true, which works with a host on loopback alone');
  }
  if (!/^(?:\/[\w.~-]+)*\/?$/.test(url.pathname)) throw wrong('has something unexpected after its host');
  const base = `${insecure === 'true' ? 'http' : 'https'}://${url.host}${url.pathname.replace(/\/$/, '')}`;
  return {
    host,
    url: `${base}/2010-04-01/Accounts/${account}`,
    account,
    login: `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}`,
    sender:
      from !== undefined
        ? { From: from }
        : service !== undefined
          ? { MessagingServiceSid: service }
          : undefined,
    callbackToken: callback === 'off' ? undefined : (authToken ?? (isKey ? undefined : token)),
  };
}

/** Where Twilio tells what becomes of messages; undefined where it could not reach it safely. */
export const twilioCallbackUrl = (publicUrl: string | undefined): string | undefined =>
  publicUrl?.startsWith('https:') ? `${publicUrl}/delivery/twilio` : undefined;
