import { newId } from '../../platform/random.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import { readableBy } from '../users/attributes.ts';
import type { User } from '../users/user.ts';

export const SIGNED_IN_SCOPE = 'aws.cognito.signin.user.admin';

/** What both tokens of one sign-in share. Times in seconds, as in every JWT (RFC 7519 §2). */
export interface SignInFacts {
  readonly issuer: string;
  readonly sessionId: string;
  readonly authTime: number;
  readonly issuedAt: number;
}

function common(user: User, client: AppClient, facts: SignInFacts) {
  return {
    sub: user.sub,
    iss: facts.issuer,
    // The claims that revocation works by are there only where it is enabled.
    ...(client.config.EnableTokenRevocation && { origin_jti: facts.sessionId, jti: newId() }),
    auth_time: facts.authTime,
    iat: facts.issuedAt,
  };
}

export function accessTokenClaims(user: User, client: AppClient, facts: SignInFacts, expires: number) {
  return {
    ...common(user, client, facts),
    client_id: client.id,
    token_use: 'access',
    scope: SIGNED_IN_SCOPE,
    username: user.username,
    exp: expires,
  };
}

export function idTokenClaims(
  user: User,
  pool: UserPool,
  client: AppClient,
  facts: SignInFacts,
  expires: number,
) {
  return {
    ...attributeClaims(user, pool, client),
    ...common(user, client, facts),
    'cognito:username': user.username,
    aud: client.id,
    token_use: 'id',
    exp: expires,
  };
}

/** The attributes the client may read, with the types of OpenID Connect Core §5.1; custom ones stay text. */
function attributeClaims(user: User, pool: UserPool, client: AppClient): Record<string, unknown> {
  const readable = readableBy(client);
  const claims: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(user.attributes)) {
    if (readable !== undefined && !readable.has(name)) continue;
    claims[name] = name.startsWith('custom:') ? value : typed(pool, name, value);
  }
  return claims;
}

function typed(pool: UserPool, name: string, value: string): unknown {
  if (name === 'address') return { formatted: value };
  const type = pool.schema.get(name)?.AttributeDataType;
  if (type === 'Boolean') return value === 'true';
  return type === 'Number' ? Number(value) : value;
}
