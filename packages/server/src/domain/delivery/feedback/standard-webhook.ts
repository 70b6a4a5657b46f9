import { createHmac, timingSafeEqual } from 'node:crypto';
import { webhookKey } from '../../../config/webhook-secret.ts';
import { MINUTE, SECOND } from '../../../platform/duration.ts';

/** How far the time of a request may be from this server's. */
const TOLERANCE = 5 * MINUTE;
/** Signatures that one request may carry: senders that exchange their secret have two. */
const SIGNATURES = 10;

/** The headers of a request that is signed as Standard Webhooks are (standardwebhooks.com). */
export type WebhookHeaders = Readonly<Record<string, unknown>>;

/** Whether one of the secrets signed the request, a few minutes ago at most. */
export function isSignedWebhook(
  secrets: readonly string[],
  headers: WebhookHeaders,
  body: string,
  now: number,
): boolean {
  const [id, timestamp, signatures] = [
    headers['webhook-id'],
    headers['webhook-timestamp'],
    headers['webhook-signature'],
  ];
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return false;
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Number(timestamp) * SECOND - now) > TOLERANCE) return false;
  const given = signatures
    .split(' ')
    .slice(0, SIGNATURES)
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => Buffer.from(signature.slice('v1,'.length), 'base64'));
  return secrets.some((secret) => {
    const right = createHmac('sha256', webhookKey(secret)).update(`${id}.${timestamp}.${body}`).digest();
    return given.some((signature) => signature.length === right.length && timingSafeEqual(signature, right));
  });
}
