import {
  DeleteUserAttributesCommand,
  GetUserAttributeVerificationCodeCommand,
  GetUserCommand,
  UpdateUserAttributesCommand,
  VerifyUserAttributeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { attributeList } from './attributes.ts';
import type { House } from './house.ts';
import { claimsOf, signIn } from './sign-in.ts';

/** Signs a user in, and makes the calls that they make on their own account. */
export async function account({ sdk }: Pick<House, 'sdk'>, ClientId: string, name: string) {
  const { AccessToken, IdToken } = await signIn({ sdk }, ClientId, name);
  return {
    claims: claimsOf(IdToken),

    async attributes(): Promise<Record<string, string>> {
      const { UserAttributes = [] } = await sdk.send(new GetUserCommand({ AccessToken }));
      return Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]));
    },

    update: (values: Record<string, string>) =>
      sdk.send(new UpdateUserAttributesCommand({ AccessToken, UserAttributes: attributeList(values) })),

    remove: (...UserAttributeNames: string[]) =>
      sdk.send(new DeleteUserAttributesCommand({ AccessToken, UserAttributeNames })),

    askForCode: (AttributeName = 'email') =>
      sdk.send(new GetUserAttributeVerificationCodeCommand({ AccessToken, AttributeName })),

    verify: (Code: string, AttributeName = 'email') =>
      sdk.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName, Code })),
  };
}

export type Account = Awaited<ReturnType<typeof account>>;

export const WRONG_CODE = 'CodeMismatchException: Invalid verification code provided, please try again.';
export const EXPIRED_CODE = 'ExpiredCodeException: Invalid code provided, please request a code again.';
export const LIMIT = 'LimitExceededException: Attempt limit exceeded, please try after some time.';
