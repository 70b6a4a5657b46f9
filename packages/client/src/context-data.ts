import { base64, utf8 } from './bytes.ts';
import { hmac } from './web-crypto.ts';

const VERSION = 'JS20171115';

export interface ContextFacts {
  readonly userPoolId: string;
  readonly clientId: string;
  readonly username: string;
  /** E.g. `UserAgent`, `DeviceLanguage`, `ClientTimezone`: what `browserContext` tells, or an app of its device. */
  readonly contextData: Readonly<Record<string, string>>;
}

/** EncodedData of UserContextData, as AWS's own browser library makes it: what threat protection judges a device by. */
export async function encodeContextData(facts: ContextFacts): Promise<string> {
  const { userPoolId, clientId, username, contextData } = facts;
  const payload = JSON.stringify({ contextData, username, userPoolId, timestamp: String(Date.now()) });
  const signature = base64(await hmac(clientId, VERSION, payload));
  return base64(utf8(JSON.stringify({ payload, signature, version: VERSION })));
}

/**
 * What a page can tell of its browser. `deviceId` is a name that the page keeps for it, to be known again.
 */
export function browserContext(deviceId: string): Record<string, string> {
  const { userAgent, language } = navigator;
  return {
    UserAgent: userAgent,
    DeviceId: deviceId,
    DeviceLanguage: language,
    DeviceFingerprint: `${userAgent}:${language}`,
    DevicePlatform: /\(([^;)]*)/.exec(userAgent)?.[1] ?? '',
    ClientTimezone: timezone(-new Date().getTimezoneOffset()),
  };
}

/** Minutes east of Greenwich as `+05:30`. */
const timezone = (minutes: number) => {
  const two = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
};
