import type { LambdaConfigType } from '@poolkeeper/model';
import { functionNotMapped, invalid, notObeyedYet } from '../../errors.ts';
import type { Functions } from '../triggers/functions.ts';

/** Throws InvalidParameterException. */
export function lambdaConfigOf(given: LambdaConfigType = {}): LambdaConfigType {
  const { PreTokenGeneration, PreTokenGenerationConfig, CustomEmailSender, CustomSMSSender, KMSKeyID } =
    given;
  if (given.InboundFederation !== undefined) throw notObeyedYet('LambdaConfig.InboundFederation');
  if (
    PreTokenGeneration !== undefined &&
    PreTokenGenerationConfig !== undefined &&
    PreTokenGenerationConfig.LambdaArn !== PreTokenGeneration
  ) {
    throw invalid('PreTokenGeneration and PreTokenGenerationConfig must name the same function.');
  }
  if ((CustomEmailSender ?? CustomSMSSender) !== undefined && KMSKeyID === undefined) {
    throw invalid('KMSKeyID is required for CustomEmailSender and CustomSMSSender.');
  }
  return given;
}

/** Throws InvalidParameterException for a function that this server does not know where to run. */
export function requireTargets(functions: Functions, config: LambdaConfigType = {}): void {
  for (const [member, given] of Object.entries(config)) {
    const arn: string | undefined = typeof given === 'object' ? given.LambdaArn : given;
    if (member === 'KMSKeyID' || arn === undefined) continue;
    if (functions.targetOf(arn) === undefined) throw functionNotMapped(member, arn);
  }
}
