import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { type ClaimChanges, permitted } from '../tokens/changeable-claims.ts';
import type { User } from '../users/user.ts';
import {
  BadAnswer,
  listOf,
  type MemberReader,
  type Members,
  mapOf,
  membersOf,
  optional,
  type Remark,
  text,
} from './answer.ts';
import { eventAttributes, type Metadata, withMetadata } from './event.ts';
import { runTrigger } from './run-trigger.ts';
import { functionAt } from './trigger.ts';

/** What tokens are made for, as the function is told. */
export interface TokenGeneration {
  readonly source:
    | 'TokenGeneration_Authentication'
    | 'TokenGeneration_NewPasswordChallenge'
    | 'TokenGeneration_RefreshTokens';
  readonly clientMetadata?: Metadata | undefined;
}

/** What the pool's function makes of the tokens. */
export interface TokenChanges {
  readonly id: ClaimChanges;
  readonly access: ClaimChanges;
  readonly scopesAdded: readonly string[];
  readonly scopesSuppressed: readonly string[];
  /** In place of the user's; undefined leaves them as they are. */
  readonly groups: Groups | undefined;
}

interface Groups {
  readonly names: readonly string[];
  readonly roles: readonly string[];
  readonly preferredRole: string | undefined;
}

/** Bytes of JSON that a function adds to a token at most: Node's HTTP server takes no more in all headers of a request. */
const MOST_ADDED = 16_384;
const DEEPEST = 32;

/** Has the pool's function change the tokens that a user is to get; undefined where the pool has none. */
export async function preTokenGeneration(
  services: Services,
  pool: UserPool,
  client: AppClient,
  user: User,
  { source, clientMetadata }: TokenGeneration,
  scopes: readonly string[],
): Promise<TokenChanges | undefined> {
  const isFirstVersion = functionAt(pool, 'PreTokenGeneration')?.version === '1';
  const occasion = {
    trigger: 'PreTokenGeneration' as const,
    source,
    userName: user.username,
    clientId: client.id,
    request: {
      userAttributes: eventAttributes(pool, user),
      // Nobody is in a group here.
      groupConfiguration: { groupsToOverride: [], iamRolesToOverride: [], preferredRole: null },
      ...(!isFirstVersion && { scopes }),
      ...withMetadata(clientMetadata),
    },
    response: { [isFirstVersion ? FIRST : LATER]: null },
  };
  return runTrigger(services, pool, occasion, (response, remark) => {
    const wanted = isFirstVersion ? firstVersion(response) : laterVersions(response);
    requireShort(wanted);
    return withinRules(wanted, client, remark);
  });
}

const FIRST = 'claimsOverrideDetails';
const LATER = 'claimsAndScopeOverrideDetails';

/** Changes the ID token, and the groups of both. */
function firstVersion(response: Members): TokenChanges {
  const { members, path } = details(response, FIRST, 'response');
  return {
    id: claimChanges(members, path, text),
    access: claimChanges({}, path, text),
    scopesAdded: [],
    scopesSuppressed: [],
    groups: groupsIn(members, path),
  };
}

function laterVersions(response: Members): TokenChanges {
  const { members, path } = details(response, LATER, 'response');
  const id = details(members, 'idTokenGeneration', path);
  const access = details(members, 'accessTokenGeneration', path);
  const scopes = (member: string) =>
    optional(listOf(text))(access.members[member], `${access.path}.${member}`) ?? [];
  return {
    id: claimChanges(id.members, id.path, anything),
    access: claimChanges(access.members, access.path, anything),
    scopesAdded: scopes('scopesToAdd'),
    scopesSuppressed: scopes('scopesToSuppress'),
    groups: groupsIn(members, path),
  };
}

function details(members: Members, name: string, within: string): { members: Members; path: string } {
  const path = `${within}.${name}`;
  return { members: optional(membersOf)(members[name], path) ?? {}, path };
}

/** A claim of null is none. */
function claimChanges(members: Members, path: string, read: MemberReader<unknown>): ClaimChanges {
  const claims = optional(mapOf(optional(read)));
  const set = claims(members['claimsToAddOrOverride'], `${path}.claimsToAddOrOverride`) ?? {};
  const suppressed = optional(listOf(text))(members['claimsToSuppress'], `${path}.claimsToSuppress`) ?? [];
  return {
    set: new Map(Object.entries(set).filter(([, value]) => value !== undefined)),
    suppressed: new Set(suppressed),
  };
}

/** An object that is empty or null suppresses the groups; without one they stay as they are [D]. */
function groupsIn(members: Members, path: string): Groups | undefined {
  if (members['groupOverrideDetails'] === undefined) return undefined;
  const given = details(members, 'groupOverrideDetails', path);
  const names = (member: string) =>
    optional(listOf(text))(given.members[member], `${given.path}.${member}`) ?? [];
  return {
    names: names('groupsToOverride'),
    roles: names('iamRolesToOverride'),
    preferredRole: optional(text)(given.members['preferredRole'], `${given.path}.preferredRole`),
  };
}

/** Whatever JSON can say, but not nested so deeply that writing it takes the stack. */
const anything: MemberReader<unknown> = (value, name) => {
  requireFlat(value, name, 0);
  return value;
};

function requireFlat(value: unknown, name: string, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth === DEEPEST) throw new BadAnswer(`${name.slice(0, 200)} is nested more than ${DEEPEST} deep.`);
  for (const member of Object.values(value)) requireFlat(member, name, depth + 1);
}

function requireShort({ id, access, scopesAdded, groups }: TokenChanges): void {
  const added = {
    'the ID token': [[...id.set], groups],
    'the access token': [[...access.set], scopesAdded, groups?.names],
  };
  for (const [token, parts] of Object.entries(added)) {
    if (Buffer.byteLength(JSON.stringify(parts)) <= MOST_ADDED) continue;
    throw new BadAnswer(`response adds more than ${MOST_ADDED} bytes to ${token}.`);
  }
}

/** Leaves out what a function may not do, and says so to operators. */
function withinRules(wanted: TokenChanges, client: AppClient, remark: Remark): TokenChanges {
  const id = permitted('id', client.id, wanted.id);
  const access = permitted('access', client.id, wanted.access);
  // One with a blank would be two.
  const scopesAdded = wanted.scopesAdded.filter((scope) => /^\S+$/.test(scope));
  const reasons = [
    ...(id.left.length > 0 ? [`No function changes these of the ID token: ${id.left.join(', ')}.`] : []),
    ...(access.left.length > 0
      ? [`No function changes these of the access token: ${access.left.join(', ')}.`]
      : []),
    ...(scopesAdded.length < wanted.scopesAdded.length ? ['A scope must have no blanks.'] : []),
  ];
  if (reasons.length > 0) remark(reasons.join(' '));
  return { ...wanted, id, access, scopesAdded };
}
