import {
  CreateUserPoolCommand,
  DescribeUserPoolCommand,
  type LambdaConfigType,
  UpdateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';

const functionArn = (name: string) => `arn:aws:lambda:us-east-1:123456789012:function:${name}`;
const KNOWN = functionArn('known');
const STRANGE = functionArn('strange');
const KMSKeyID = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';

const byArn = [
  ...['PreSignUp', 'CustomMessage', 'PostConfirmation', 'PreAuthentication', 'PostAuthentication'],
  ...['DefineAuthChallenge', 'CreateAuthChallenge', 'VerifyAuthChallengeResponse'],
  ...['PreTokenGeneration', 'UserMigration'],
] as const;
const byVersion = ['PreTokenGenerationConfig', 'CustomSMSSender', 'CustomEmailSender'] as const;

/** A LambdaConfig with one trigger, for each that there is. */
const configs = (arn: string): [string, LambdaConfigType][] => [
  ...byArn.map((member): [string, LambdaConfigType] => [member, { [member]: arn }]),
  ...byVersion.map((member): [string, LambdaConfigType] => [
    member,
    {
      ...(member.startsWith('Custom') && { KMSKeyID }),
      [member]: { LambdaVersion: 'V1_0', LambdaArn: arn },
    },
  ]),
];

let house: House;
beforeAll(async () => {
  house = await openHouse({ function: [`${KNOWN}=lambda:http://127.0.0.1:9`] });
});
afterAll(() => house[Symbol.asyncDispose]());

const describePool = async (UserPoolId: string) =>
  (await house.sdk.send(new DescribeUserPoolCommand({ UserPoolId }))).UserPool?.LambdaConfig;

describe('the functions of a pool', () => {
  it.each(configs(KNOWN))('%s is kept and shown', async (_, LambdaConfig) => {
    expect(await describePool(await house.createPool({ LambdaConfig }))).toEqual(LambdaConfig);
  });

  it.each(configs(STRANGE))(
    '%s: one that is not mapped is refused, saying how to',
    async (member, LambdaConfig) => {
      const poolId = await house.createPool();
      for (const command of [
        new CreateUserPoolCommand({ PoolName: 'test', LambdaConfig }),
        new UpdateUserPoolCommand({ UserPoolId: poolId, LambdaConfig }),
      ]) {
        const refused = await refusal(house.sdk.send(command as CreateUserPoolCommand));
        expect(refused).toMatch(/^InvalidParameterException: Poolkeeper does not know where to run/);
        expect(refused).toContain(`LambdaConfig.${member}`);
        expect(refused).toContain(`--function '${STRANGE}=file:./handler.js'`);
      }
    },
  );

  it('are gone after an update that leaves them out, as on Amazon Cognito', async () => {
    const poolId = await house.createPool({ LambdaConfig: { PreSignUp: KNOWN } });
    await house.sdk.send(new UpdateUserPoolCommand({ UserPoolId: poolId }));
    expect(await describePool(poolId)).toEqual({});
  });

  it('a custom sender needs the key that its codes are encrypted under', async () => {
    const CustomEmailSender = { LambdaVersion: 'V1_0' as const, LambdaArn: KNOWN };
    expect(await refusal(house.createPool({ LambdaConfig: { CustomEmailSender } }))).toMatch(
      /^InvalidParameterException: .*KMSKeyID/,
    );
  });
});
