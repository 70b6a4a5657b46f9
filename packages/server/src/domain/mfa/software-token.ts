import {
  invalid,
  setUpCodeUsed,
  softwareTokenMissing,
  softwareTokenNotEnabled,
  wrongSetUpCode,
} from '../../errors.ts';
import type { Unit } from '../../storage/unit.ts';
import { factorsOfPool } from '../pools/mfa-config.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { User } from '../users/user.ts';
import { type Factors, factorsOf, storeFactors } from './factors.ts';
import { switchedOff } from './preferences.ts';
import { base32, checkTotp, newSeed } from './totp.ts';

/** FriendlyDeviceName is read at every sign-in; the model lets it have 128 KiB. */
const LONGEST_NAME = 2048;

/** Throws SoftwareTokenMFANotFoundException in a pool that asks nobody for an authenticator app. */
export function requireSoftwareTokens(pool: UserPool): void {
  if (!factorsOfPool(pool.config).includes('SOFTWARE_TOKEN_MFA')) throw softwareTokenNotEnabled();
}

/** A seed to set an authenticator app up with: `secretCode` is its base32, `seed` its base64. */
export function newSoftwareToken(pool: UserPool): { seed: string; secretCode: string } {
  requireSoftwareTokens(pool);
  const seed = newSeed();
  return { seed: seed.toString('base64'), secretCode: base32(seed) };
}

interface ShownApp {
  readonly seed: string | undefined;
  readonly code: string;
  readonly name: string | undefined;
}

/**
 * Makes an authenticator app the user's, in place of the one before it, once it shows a right code; that code is then
 * used up. It is not asked for, in a pool where MFA is optional, until the user switches it on. Wrong codes are not
 * counted: whoever may send one here may as well set up an app of their own.
 */
export function withSoftwareToken(factors: Factors, { seed, code, name }: ShownApp, now: number): Factors {
  if (seed === undefined) throw softwareTokenMissing();
  if (name !== undefined && name.length > LONGEST_NAME) {
    throw invalid(`FriendlyDeviceName must be no longer than ${LONGEST_NAME} characters.`);
  }
  const same = factors.token?.seed === seed ? factors.token : undefined;
  const checked = checkTotp(Buffer.from(seed, 'base64'), code, { now, lastStep: same?.lastStep ?? 0 });
  if (checked.outcome === 'used') throw setUpCodeUsed();
  if (checked.outcome === 'wrong') throw wrongSetUpCode();
  const { pendingSeed: _, ...kept } = factors;
  return { ...kept, token: { ...same, seed, lastStep: checked.step, ...(name && { name }) } };
}

/** The same for the app of an MFA_SETUP session, in a unit that has read the user. */
export async function registerSoftwareToken(
  services: Services,
  unit: Unit,
  user: User,
  app: ShownApp,
): Promise<void> {
  const factors = withSoftwareToken(factorsOf(services, user), app, services.clock.now());
  await storeFactors(services, unit, user, factors);
}

/**
 * The seed that a signed-in user shows a code of: the one handed out last, or else the one that is theirs already, so
 * that who repeats a VerifySoftwareToken whose answer got lost is not told that they have no app.
 */
export const seedToVerify = ({ pendingSeed, token }: Factors): string | undefined =>
  pendingSeed ?? token?.seed;

/** Without the authenticator app, set up or about to be, and without the user's wish to be asked for it. */
export function withoutSoftwareToken(factors: Factors): Factors {
  const { token: _, pendingSeed: __, ...kept } = switchedOff(factors, 'SOFTWARE_TOKEN_MFA');
  return kept;
}

interface Holder {
  readonly AccessToken?: string | undefined;
  readonly Session?: string | undefined;
}
type OneOf =
  | { readonly AccessToken: string; readonly Session: undefined }
  | { readonly AccessToken: undefined; readonly Session: string };

/** AccessToken or Session: one of them says whose authenticator app it is. Throws InvalidParameterException. */
export function requireOneOf({ AccessToken, Session }: Holder): OneOf {
  if (AccessToken !== undefined && Session === undefined) return { AccessToken, Session };
  if (AccessToken === undefined && Session !== undefined) return { AccessToken, Session };
  throw invalid('Either AccessToken or Session must be given, and not both.');
}
