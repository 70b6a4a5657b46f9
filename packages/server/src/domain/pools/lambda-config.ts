import type { LambdaConfigType } from '@poolkeeper/model';
import { functionNotMapped, invalid, notObeyedYet } from '../../errors.ts';
import type { Functions } from '../triggers/functions.ts';
import { isKeyArn } from '../triggers/kms/key-arn.ts';

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
  if (KMSKeyID !== undefined && !isKeyArn(KMSKeyID)) {
    throw invalid(
      'KMSKeyID must be the ARN of a KMS key, such as arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555.',
    );
  }
  return given;
}

/** InboundFederation is refused in any case. */
const NO_FUNCTION = new Set(['KMSKeyID', 'InboundFederation']);

/** Throws InvalidParameterException for a function that this server does not know where to run. */
export function requireTargets(functions: Functions, config: LambdaConfigType = {}): void {
  for (const [member, given] of Object.entries(config)) {
    const arn: string | undefined = typeof given === 'object' ? given.LambdaArn : given;
    if (NO_FUNCTION.has(member) || arn === undefined) continue;
    if (functions.targetOf(arn) === undefined) throw functionNotMapped(member, arn);
  }
}
