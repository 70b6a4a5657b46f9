import type { TokenUse } from './signing-keys.ts';

/** What a function wants changed in the claims of one token. */
export interface ClaimChanges {
  readonly set: ReadonlyMap<string, unknown>;
  readonly suppressed: ReadonlySet<string>;
}

/** Claims that no function may add, change or suppress in either token [D]; those of Cognito's own are not listed. */
const FIXED = new Set([
  ...['username', 'sub', 'identities', 'aud', 'client_id', 'event_id', 'device_key', 'version', 'acr', 'amr'],
  ...['at_hash', 'auth_time', 'azp', 'exp', 'iat', 'iss', 'jti', 'nbf', 'nonce', 'origin_jti', 'token_use'],
  // Scopes have members of their own.
  'scope',
]);
const OWN = 'cognito:';
const DEVELOPERS = 'dev:';
export const GROUPS = 'cognito:groups';

/** Whose value in an ID token is no list and no object [D]. */
const PLAIN = new Set(['phone_number_verified', 'email_verified', 'updated_at', 'address']);

/**
 * What of `wanted` a function may have, and the names of the rest, which stay as they are: it is not documented that
 * Amazon Cognito refuses them.
 */
export function permitted(
  token: TokenUse,
  clientId: string,
  wanted: ClaimChanges,
): ClaimChanges & { readonly left: readonly string[] } {
  const left = new Set<string>();
  const permits = (name: string, allowed: boolean) => {
    if (!allowed)
      left.add(name.startsWith(OWN) ? `${OWN}*` : name.startsWith(DEVELOPERS) ? `${DEVELOPERS}*` : name);
    return allowed;
  };
  const set = [...wanted.set].filter(([name, value]) => permits(name, maySet(token, clientId, name, value)));
  const suppressed = [...wanted.suppressed].filter((name) => permits(name, maySuppress(name)));
  return { set: new Map(set), suppressed: new Set(suppressed), left: [...left] };
}

function maySet(token: TokenUse, clientId: string, name: string, value: unknown): boolean {
  // For resource servers that insist on an audience [D].
  if (token === 'access' && name === 'aud') return value === clientId;
  if (token === 'id' && PLAIN.has(name) && typeof value === 'object') return false;
  return !FIXED.has(name) && !name.startsWith(OWN) && !name.startsWith(DEVELOPERS);
}

const maySuppress = (name: string) => name === GROUPS || (!FIXED.has(name) && !name.startsWith(OWN));
