import type { AuthFactorType, SignInPolicyType } from '@poolkeeper/model';
import { invalid, notObeyedYet, passwordMustBeFirstFactor } from '../../errors.ts';
import type { PoolConfig } from './pool-config.ts';

const DEFAULT: readonly AuthFactorType[] = ['PASSWORD'];

/** What a user may start a sign-in with, in the order given. */
export const firstFactorsOf = (config: PoolConfig): readonly AuthFactorType[] =>
  config.Policies.SignInPolicy?.AllowedFirstAuthFactors ?? DEFAULT;

/** Throws InvalidParameterException. */
export function signInPolicyOf(given: SignInPolicyType | undefined, current?: PoolConfig): SignInPolicyType {
  const factors = given?.AllowedFirstAuthFactors;
  if (factors === undefined) return { AllowedFirstAuthFactors: current ? firstFactorsOf(current) : DEFAULT };
  if (factors.includes('WEB_AUTHN')) {
    throw notObeyedYet('Policies.SignInPolicy.AllowedFirstAuthFactors WEB_AUTHN');
  }
  if (factors.includes('SOFTWARE_TOKEN')) {
    throw invalid('SOFTWARE_TOKEN is not currently supported as a first auth factor.');
  }
  if (!factors.includes('PASSWORD')) throw passwordMustBeFirstFactor();
  return { AllowedFirstAuthFactors: factors };
}
