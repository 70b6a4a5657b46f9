import { createHmac, timingSafeEqual } from 'node:crypto';

/** What Twilio signs a form with that it sends to `url`: every name and value, sorted by their names, after the URL. */
export function twilioSignature(
  authToken: string,
  url: string,
  params: Iterable<readonly [string, string]>,
): string {
  const sorted = [...params].toSorted(([a, one], [b, other]) => order(a, b) || order(one, other));
  return createHmac('sha1', authToken)
    .update(url + sorted.map(([name, value]) => name + value).join(''))
    .digest('base64');
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Whether a form came from who knows the token. `url` is the one that the provider was given, to the letter. */
export function verifyTwilioSignature(
  authToken: string,
  url: string,
  params: Iterable<readonly [string, string]>,
  signature: string,
): boolean {
  const right = Buffer.from(twilioSignature(authToken, url, params));
  const given = Buffer.from(signature);
  return given.length === right.length && timingSafeEqual(given, right);
}
