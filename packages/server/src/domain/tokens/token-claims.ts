import { newId } from '../../platform/random.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { TokenChanges } from '../triggers/pre-token-generation.ts';
import { readableBy } from '../users/attributes.ts';
import type { User } from '../users/user.ts';
import { type ClaimChanges, GROUPS } from './changeable-claims.ts';

export const SIGNED_IN_SCOPE = 'aws.cognito.signin.user.admin';

/** Of an access token that the API hands out. */
export const SCOPES: readonly string[] = [SIGNED_IN_SCOPE];

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
    scope: SCOPES.join(' '),
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

/** An access token as the pool's function wants it. */
export function changedAccessClaims(claims: Claims, changes: TokenChanges): Claims {
  const { access, scopesAdded, scopesSuppressed, groups } = changes;
  const scopes = new Set([...SCOPES, ...scopesAdded]);
  for (const scope of scopesSuppressed) scopes.delete(scope);
  return changed(claims, access, {
    scope: scopes.size > 0 ? [...scopes].join(' ') : undefined,
    ...(groups && { [GROUPS]: nonEmpty(groups.names) }),
  });
}

/** An ID token as the pool's function wants it. Who suppresses the groups suppresses their roles [D]. */
export function changedIdClaims(claims: Claims, { id, groups }: TokenChanges): Claims {
  const { names = [], roles = [], preferredRole } = id.suppressed.has(GROUPS) ? {} : (groups ?? {});
  const own = {
    [GROUPS]: nonEmpty(names),
    'cognito:roles': nonEmpty(roles),
    'cognito:preferred_role': preferredRole,
  };
  return changed(claims, id, groups || id.suppressed.has(GROUPS) ? own : {});
}

type Claims = Readonly<Record<string, unknown>>;

/** A claim of `own` that is undefined goes. What is both suppressed and set is suppressed [D]. */
function changed(claims: Claims, { set, suppressed }: ClaimChanges, own: Claims): Claims {
  const next = new Map([...Object.entries(claims), ...set, ...Object.entries(own)]);
  for (const [name, value] of next) {
    if (value === undefined || suppressed.has(name)) next.delete(name);
  }
  return Object.fromEntries(next);
}

const nonEmpty = (names: readonly string[]) => (names.length > 0 ? names : undefined);
