import {
  AdminGetUserCommand,
  type CreateUserPoolCommandInput,
  type LambdaConfigType,
} from '@aws-sdk/client-cognito-identity-provider';
import type { FunctionHouse } from './functions.ts';
import { recoveryCalls } from './recovery-calls.ts';

export const AT_SIGN_IN = 'UserMigration_Authentication';
export const AT_RECOVERY = 'UserMigration_ForgotPassword';
export const UNRECOGNIZABLE = 'InvalidLambdaResponseException: Unrecognizable lambda output';
export const NOBODY = 'NotAuthorizedException: Incorrect username or password.';

/** A response that migrates somebody quietly, and what else it says. */
export const migrates = (userAttributes: object, more: object = {}) => ({
  userAttributes,
  finalUserStatus: 'CONFIRMED',
  messageAction: 'SUPPRESS',
  ...more,
});

export const emailOf = (name: string) => ({ email: `${name}@example.com`, email_verified: 'true' });

/** A pool whose users are brought along by functions, and the calls of two clients: one that hides users, and one that does not. */
export async function openMigratingPool(
  house: FunctionHouse,
  options: Partial<CreateUserPoolCommandInput> = {},
  more: LambdaConfigType = {},
) {
  const LambdaConfig = { ...house.functions.config('UserMigration'), ...more };
  const id = await house.createPool({ ...options, LambdaConfig });
  const hiding = await house.createClient(id, { PreventUserExistenceErrors: 'ENABLED' });
  const telling = await house.createClient(id, { PreventUserExistenceErrors: 'LEGACY' });
  return {
    id,
    hiding: { ...hiding, ...recoveryCalls(house, hiding) },
    telling: { ...telling, ...recoveryCalls(house, telling) },

    /** Undefined for nobody. */
    async find(Username: string) {
      try {
        const user = await house.sdk.send(new AdminGetUserCommand({ UserPoolId: id, Username }));
        const attributes = (user.UserAttributes ?? []).map(({ Name, Value }) => [Name, Value]);
        return { ...user, attributes: Object.fromEntries(attributes) as Record<string, string> };
      } catch (error) {
        if ((error as Error).name === 'UserNotFoundException') return undefined;
        throw error;
      }
    },
  };
}

export type MigratingPool = Awaited<ReturnType<typeof openMigratingPool>>;
