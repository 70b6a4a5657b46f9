import { newToken } from '../../platform/random.ts';
import type { Services } from '../services.ts';

/** A refresh token is `<session id>.<secret>`; the server keeps a keyed hash of the secret alone. */
export interface RefreshToken {
  readonly sessionId: string;
  readonly secret: string;
}

const FORM = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([A-Za-z0-9_-]{43})$/;

export const newRefreshToken = (sessionId: string): RefreshToken => ({ sessionId, secret: newToken() });

export const writeRefreshToken = (token: RefreshToken) => `${token.sessionId}.${token.secret}`;

/** Undefined for anything that no Poolkeeper issued. */
export function readRefreshToken(text: string): RefreshToken | undefined {
  const [, sessionId, secret] = FORM.exec(text) ?? [];
  return sessionId === undefined || secret === undefined ? undefined : { sessionId, secret };
}

export const refreshDigest = (services: Services, poolId: string, token: RefreshToken) =>
  services.keyring.digest('refresh-token', `${poolId}/${token.sessionId}/${token.secret}`);
