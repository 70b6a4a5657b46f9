import { factorsOfPool, type SecondFactor } from '../pools/mfa-config.ts';
import type { UserPool } from '../pools/user-pool.ts';
import { recoveryOrder } from '../recovery/recovery-order.ts';
import type { User } from '../users/user.ts';
import { addressOf, type Factors, usableFactors } from './factors.ts';

/** What a sign-in asks for after its first factor: one factor, one of several, or that one be set up. */
export type Demand =
  | { readonly ask: SecondFactor }
  | { readonly choose: readonly SecondFactor[] }
  | { readonly setUp: readonly SecondFactor[] };

/**
 * The developer guide's "MFA logic at user runtime". Undefined when no second factor is asked for. Two readings differ
 * from its letter: an address that is also the first way of recovery is left aside while there is another factor, and
 * used when there is none, where the guide has the sign-in fail.
 */
export function demandedFactor(pool: UserPool, user: User, factors: Factors): Demand | undefined {
  const { MfaConfiguration: configured } = pool.config;
  if (configured === 'OFF') return undefined;
  const usable = usableFactors(pool, user, factors);
  const enabled = usable.filter((factor) => factors.enabled.includes(factor));
  const { preferred } = factors;
  if (preferred !== undefined && enabled.includes(preferred)) return { ask: preferred };
  if (configured === 'OPTIONAL') return oneOf(enabled);
  const recoversFirst = firstRecoveryAddress(pool);
  const apart = (factor: SecondFactor) =>
    addressOf[factor] === undefined || addressOf[factor] !== recoversFirst;
  const eligible = usable.filter(apart);
  return (
    oneOf(eligible.length > 0 ? eligible : usable) ?? { setUp: factorsOfPool(pool.config).filter(apart) }
  );
}

function oneOf(factors: readonly SecondFactor[]): Demand | undefined {
  const [only] = factors;
  if (only === undefined) return undefined;
  return factors.length === 1 ? { ask: only } : { choose: factors };
}

/** Without an AccountRecoverySetting no channel is set apart from MFA, as before that setting existed. */
const firstRecoveryAddress = (pool: UserPool) =>
  pool.config.AccountRecoverySetting === undefined ? undefined : recoveryOrder(pool)[0];
