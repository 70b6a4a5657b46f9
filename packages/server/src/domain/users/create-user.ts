import { aliasTakenAtSignUp, invalid, usernameExists } from '../../errors.ts';
import { newId } from '../../platform/random.ts';
import { insertSignInName } from '../../storage/repositories/sign-in-names.ts';
import { insertUser } from '../../storage/repositories/users.ts';
import type { UserStatus } from '../../storage/schema/users.ts';
import type { Unit } from '../../storage/unit.ts';
import type { PasswordMaterial } from '../passwords/password-material.ts';
import type { UserPool } from '../pools/user-pool.ts';
import { looksLikeEmail, looksLikePhoneNumber } from './attributes.ts';
import { foldName, syncAliases } from './names.ts';
import { indexAttributes } from './searchable.ts';
import type { Attributes, User } from './user.ts';

/** Who a user will be: decided before the password is hashed, because SRP's verifier is bound to the username. */
export interface NewIdentity {
  readonly sub: string;
  readonly username: string;
  readonly attributes: Attributes;
  /** The address that was typed as the name, in a pool with UsernameAttributes. */
  readonly typed?: 'email' | 'phone_number';
}

/**
 * The identity that a typed name and attributes make. In a pool with UsernameAttributes the name is an address and the
 * username a generated id; elsewhere the name is the username and must not look like an alias.
 */
export function newIdentity(pool: UserPool, name: string, given: Attributes): NewIdentity {
  const sub = newId();
  // An empty value asks for no attribute.
  const attributes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  const { UsernameAttributes: usernameAttributes, AliasAttributes: aliases } = pool.config;
  if (usernameAttributes?.length) {
    const kind = looksLikeEmail(name) ? 'email' : looksLikePhoneNumber(name) ? 'phone_number' : undefined;
    if (kind === undefined || !usernameAttributes.includes(kind)) {
      const both = usernameAttributes.length === 2;
      throw invalid(
        both
          ? 'Username should be either an email or a phone number.'
          : `Username should be ${usernameAttributes[0] === 'email' ? 'an email' : 'a phone number'}.`,
      );
    }
    // Whose code would go to another address than the one they type could never be sure of their account.
    if ((attributes[kind] ?? name).toLowerCase() !== name.toLowerCase()) {
      throw invalid(`The attribute ${kind} must be the ${kind} that is the username.`);
    }
    return { sub, username: sub, attributes: { ...attributes, [kind]: name }, typed: kind };
  }
  if (aliases?.includes('email') && looksLikeEmail(name)) {
    throw invalid('Username cannot be of email format, since user pool is configured for email alias.');
  }
  if (aliases?.includes('phone_number') && looksLikePhoneNumber(name)) {
    throw invalid(
      'Username cannot be of phone number format, since user pool is configured for phone number alias.',
    );
  }
  return { sub, username: foldName(pool, name), attributes };
}

export interface NewUser {
  readonly identity: NewIdentity;
  readonly status: UserStatus;
  readonly password: PasswordMaterial | undefined;
  readonly temporaryUntil: number | null;
  readonly forceAlias: boolean;
  readonly now: number;
}

/** Throws UsernameExistsException, or AliasExistsException when an alias that is active at once is taken. */
export async function createUser(unit: Unit, pool: UserPool, user: NewUser): Promise<User> {
  const { sub, username, attributes } = user.identity;
  const owner = { poolId: pool.id, sub };
  const name = foldName(pool, username);
  if ((await insertSignInName.run(unit, { ...owner, name, kind: 'username' })) !== 1) throw usernameExists();
  await insertUser.run(unit, {
    ...owner,
    username,
    status: user.status,
    attributes: JSON.stringify(attributes),
    passwordHash: user.password?.hash ?? null,
    sealedVerifier: user.password?.sealedVerifier ?? null,
    temporaryUntil: user.temporaryUntil,
    now: user.now,
  });
  await syncAliases(
    unit,
    pool,
    sub,
    undefined,
    { attributes, status: user.status },
    {
      force: user.forceAlias,
      now: user.now,
      ...(pool.config.UsernameAttributes && {
        taken: (kind) => (kind === user.identity.typed ? usernameExists() : aliasTakenAtSignUp(kind)),
      }),
    },
  );
  await indexAttributes(unit, owner, {}, attributes);
  return {
    ...owner,
    username,
    attributes,
    status: user.status,
    enabled: true,
    passwordHash: user.password?.hash ?? null,
    sealedVerifier: user.password?.sealedVerifier ?? null,
    sealedFactors: null,
    temporaryUntil: user.temporaryUntil,
    signedOutAt: 0,
    addressChanges: {},
    invitedTo: {},
    createdAt: user.now,
    updatedAt: user.now,
  };
}
