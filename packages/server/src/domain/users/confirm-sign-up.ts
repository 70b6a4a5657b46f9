import { cannotConfirm, type ServiceError, wrongCode } from '../../errors.ts';
import type { Unit } from '../../storage/unit.ts';
import { type CodeOutcome, consumeCode, refusalOf } from '../codes/codes.ts';
import type { AddressAttribute } from '../delivery/masked-destination.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { userOrStandIn } from './find-user.ts';
import { updateUser } from './update-user.ts';
import type { User } from './user.ts';

/** Somebody who is confirmed by now. */
export interface Confirmed {
  /** As they were, and as they are now. */
  readonly before: User;
  readonly user: User;
  /** The attribute whose address the code has proven. */
  readonly attribute: AddressAttribute;
}

/** A code that confirmed nobody. It has cost an attempt, so it is returned from the unit and thrown after it. */
export interface NotConfirmed {
  readonly refusal: ServiceError;
  readonly sub: string;
  readonly outcome: CodeOutcome['outcome'];
}

/**
 * Confirms a sign-up by the code that was sent for it, and verifies the address that it went to, in the caller's unit.
 * Throws NotAuthorizedException, UserNotFoundException and AliasExistsException.
 */
export async function confirmSignUp(
  services: Services,
  unit: Unit,
  pool: UserPool,
  client: AppClient,
  { name, code, forceAlias }: { name: string; code: string; forceAlias: boolean },
): Promise<Confirmed | NotConfirmed> {
  const { user, sub } = await userOrStandIn(services, unit, pool, client, name);
  if (user && user.status !== 'UNCONFIRMED' && !client.hidesUsers) throw cannotConfirm(user.status);
  const holder = { sub, purpose: 'confirm-sign-up' as const };
  const consumed = await consumeCode(services, unit, pool, holder, code);
  const { outcome } = consumed;
  if (consumed.outcome !== 'consumed') return { refusal: refusalOf(consumed), sub, outcome };
  // The code of a stand-in, or of somebody confirmed long ago, was told to nobody: it is right by chance alone.
  if (user?.status !== 'UNCONFIRMED') return { refusal: wrongCode(), sub, outcome };
  const attribute = consumed.attribute as AddressAttribute;
  const attributes = { ...user.attributes, [`${attribute}_verified`]: 'true' };
  const changes = { attributes, status: 'CONFIRMED' as const };
  await updateUser(unit, pool, user, changes, { now: services.clock.now(), forceAlias });
  return { before: user, user: { ...user, ...changes }, attribute };
}
