import {
  type CreateUserPoolCommandInput,
  type LambdaConfigType,
  type PreTokenGenerationLambdaVersionType,
  UpdateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { type FunctionHouse, openFunctionHouse } from './functions.ts';
import { claimsOf, refresh, signIn } from './sign-in.ts';

export const AT_SIGN_IN = 'TokenGeneration_Authentication';
export const AT_REFRESH = 'TokenGeneration_RefreshTokens';
export const SIGNED_IN_SCOPE = 'aws.cognito.signin.user.admin';

/** A house with a pool whose tokens a function changes, and `ann`, who signed in before there was one. */
export async function openTokenHouse() {
  // The issuer is what aws-jwt-verify insists on.
  const house = await openFunctionHouse({ issuer: 'aws' });
  const poolId = await house.createPool();
  const app = await house.createClient(poolId);
  await house.createUser(poolId, 'ann');
  const plain = await signIn(house, app.ClientId, 'ann');
  /** New tokens of hers, for the price of a signature. */
  const renewed = () => refresh(house, app.ClientId, plain.RefreshToken);
  return {
    house,
    poolId,
    app,
    plain,
    sub: claimsOf(plain.IdToken).sub as string,
    renewed,

    functionOf: (LambdaVersion: PreTokenGenerationLambdaVersionType): LambdaConfigType => {
      const arn = house.functions.arn('tokens');
      return LambdaVersion === 'V1_0'
        ? { PreTokenGeneration: arn }
        : { PreTokenGenerationConfig: { LambdaVersion, LambdaArn: arn } };
    },

    configure: (LambdaConfig: LambdaConfigType, more: Partial<CreateUserPoolCommandInput> = {}) =>
      house.sdk.send(new UpdateUserPoolCommand({ ...more, UserPoolId: poolId, LambdaConfig })),

    /** The claims of new tokens, when the function answers so. */
    async claimsFor(response: object) {
      house.functions.answer(AT_REFRESH, response);
      const { IdToken, AccessToken } = await renewed();
      return { id: claimsOf(IdToken), access: claimsOf(AccessToken) };
    },

    reason: () => newestReason(house, poolId),
  };
}

export type TokenHouse = Awaited<ReturnType<typeof openTokenHouse>>;

/** What operators are told of the newest call for a pool, if it was not as it should be. */
async function newestReason(house: FunctionHouse, poolId: string): Promise<string | null> {
  const { invocations } = (await house.operator(`triggers?userPoolId=${poolId}&limit=1`)) as {
    invocations: { reason: string | null }[];
  };
  return invocations[0]?.reason ?? null;
}
