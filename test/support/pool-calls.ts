import {
  type AuthFactorType,
  CreateUserPoolCommand,
  type CreateUserPoolCommandInput,
  DescribeUserPoolCommand,
  UpdateUserPoolCommand,
  type UpdateUserPoolCommandInput,
} from '@aws-sdk/client-cognito-identity-provider';
import type { House } from './house.ts';

/** The calls of somebody who configures pools: nothing is in a request but what a test puts there. */
export const poolCalls = (house: () => House) => ({
  async create(input: Partial<CreateUserPoolCommandInput> = {}) {
    const { UserPool } = await house().sdk.send(new CreateUserPoolCommand({ PoolName: 'test', ...input }));
    return UserPool?.Id as string;
  },
  update: (UserPoolId: string, input: Partial<UpdateUserPoolCommandInput> = {}) =>
    house().sdk.send(new UpdateUserPoolCommand({ UserPoolId, ...input })),
  describePool: async (UserPoolId: string) =>
    (await house().sdk.send(new DescribeUserPoolCommand({ UserPoolId }))).UserPool,
});

export const firstFactors = (
  ...AllowedFirstAuthFactors: AuthFactorType[]
): Partial<CreateUserPoolCommandInput> => ({
  Policies: { SignInPolicy: { AllowedFirstAuthFactors } },
});

export const liteLacks = (features: string) =>
  `FeatureUnavailableInTierException: The following features need to be disabled for the LITE pricing tier configured: ${features}`;
