import type { LambdaConfigType } from '@poolkeeper/model';
import type { UserPool } from '../pools/user-pool.ts';

/** The triggers of a pool's LambdaConfig that Poolkeeper runs, by the names that Amazon Cognito's errors call them. */
export const triggers = [
  'PreSignUp',
  'CustomMessage',
  'PostConfirmation',
  'PreAuthentication',
  'PostAuthentication',
  'DefineAuthChallenge',
  'CreateAuthChallenge',
  'VerifyAuthChallengeResponse',
  'PreTokenGeneration',
  'UserMigration',
  'CustomEmailSender',
  'CustomSMSSender',
] as const satisfies readonly (keyof LambdaConfigType)[];
export type Trigger = (typeof triggers)[number];

export interface TriggerFunction {
  readonly arn: string;
  /** `version` in its events. */
  readonly version: '1' | '2' | '3';
}

const versions = { V1_0: '1', V2_0: '2', V3_0: '3' } as const;

/** The function that a pool runs at a trigger; undefined where it runs none. */
export function functionAt(
  { config }: Pick<UserPool, 'config'>,
  trigger: Trigger,
): TriggerFunction | undefined {
  const { LambdaConfig } = config;
  // PreTokenGenerationConfig is the newer way to name the same function, with the version of its events.
  const given =
    trigger === 'PreTokenGeneration'
      ? (LambdaConfig.PreTokenGenerationConfig ?? LambdaConfig.PreTokenGeneration)
      : LambdaConfig[trigger];
  if (given === undefined) return undefined;
  if (typeof given === 'string') return { arn: given, version: '1' };
  return { arn: given.LambdaArn as string, version: versions[given.LambdaVersion as keyof typeof versions] };
}
