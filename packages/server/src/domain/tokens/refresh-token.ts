import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Services } from '../services.ts';

/**
 * A refresh token is `<session id>.<secret>`; the server keeps a keyed hash of the secret alone. Half of the secret is
 * drawn and half is a MAC over it, so that a token which was issued once is known for good, without a list of them.
 */
export interface RefreshToken {
  readonly sessionId: string;
  readonly secret: string;
}

const FORM = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([A-Za-z0-9_-]{43})$/;
const HALF = 16;

export const firstRefreshToken = (services: Services, poolId: string, sessionId: string): RefreshToken =>
  tokenOf(services, poolId, sessionId, randomBytes(HALF));

/** What a token is exchanged for: the same however often it is asked for, so a retry gets what it missed. */
export function nextRefreshToken(services: Services, poolId: string, token: RefreshToken): RefreshToken {
  const drawn = digest(services, poolId, token.sessionId, `next/${token.secret}`).subarray(0, HALF);
  return tokenOf(services, poolId, token.sessionId, drawn);
}

export const writeRefreshToken = (token: RefreshToken) => `${token.sessionId}.${token.secret}`;

/** Undefined for anything that was not issued for this pool. */
export function readRefreshToken(services: Services, poolId: string, text: string): RefreshToken | undefined {
  const [, sessionId, secret] = FORM.exec(text) ?? [];
  if (sessionId === undefined || secret === undefined) return undefined;
  const given = Buffer.from(secret, 'base64url');
  const issued = secretOf(services, poolId, sessionId, given.subarray(0, HALF));
  return timingSafeEqual(given, issued) ? { sessionId, secret: issued.toString('base64url') } : undefined;
}

export const refreshDigest = (services: Services, poolId: string, token: RefreshToken) =>
  digest(services, poolId, token.sessionId, `stored/${token.secret}`);

const tokenOf = (services: Services, poolId: string, sessionId: string, drawn: Buffer): RefreshToken => ({
  sessionId,
  secret: secretOf(services, poolId, sessionId, drawn).toString('base64url'),
});

const secretOf = (services: Services, poolId: string, sessionId: string, drawn: Buffer): Buffer =>
  Buffer.concat([
    drawn,
    digest(services, poolId, sessionId, `issued/${drawn.toString('hex')}`).subarray(0, HALF),
  ]);

const digest = (services: Services, poolId: string, sessionId: string, data: string): Buffer =>
  services.keyring.digest('refresh-token', `${poolId}/${sessionId}/${data}`);
