import { createHmac } from 'node:crypto';
import {
  ConfirmForgotPasswordCommand,
  ForgotPasswordCommand,
  GetUserCommand,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { type House, NEW_PASSWORD, PASSWORD } from './house.ts';

/** The calls of somebody who lost a password, through one app client. */
export function recoveryCalls({ sdk }: House, { ClientId }: { ClientId: string }) {
  return {
    forgot: (Username: string, SecretHash?: string) =>
      sdk.send(new ForgotPasswordCommand({ ClientId, Username, SecretHash })),

    confirm: (Username: string, ConfirmationCode: string, Password = NEW_PASSWORD, SecretHash?: string) =>
      sdk.send(
        new ConfirmForgotPasswordCommand({ ClientId, Username, ConfirmationCode, Password, SecretHash }),
      ),

    signIn: (USERNAME: string, password = PASSWORD) =>
      sdk.send(
        new InitiateAuthCommand({
          ClientId,
          AuthFlow: 'USER_PASSWORD_AUTH',
          AuthParameters: { USERNAME, PASSWORD: password },
        }),
      ),

    async refresh(token: string) {
      const AuthParameters = { REFRESH_TOKEN: token };
      const command = new InitiateAuthCommand({ ClientId, AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters });
      return (await sdk.send(command)).AuthenticationResult;
    },

    whoAmI: async (AccessToken: string) => (await sdk.send(new GetUserCommand({ AccessToken }))).Username,
  };
}

export type RecoveryCalls = ReturnType<typeof recoveryCalls>;

export const secretHash = (client: { ClientId: string; ClientSecret?: string }, name: string) =>
  createHmac('sha256', client.ClientSecret as string)
    .update(name + client.ClientId)
    .digest('base64');

/** Six digits that are not the code. */
export const wrongCode = (code: string) => (code === '000000' ? '111111' : '000000');

let users = 0;
/** A username that no other test of the file has. */
export const newName = (prefix = 'user') => `${prefix}${++users}`;
