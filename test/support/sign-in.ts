import { createHmac } from 'node:crypto';
import { InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider';
import { decodeJwt, type JWTPayload } from 'jose';
import { type House, PASSWORD } from './house.ts';

export interface Tokens {
  AccessToken: string;
  IdToken: string;
  RefreshToken: string;
  ExpiresIn: number;
  TokenType: string;
}

/** The tokens of a USER_PASSWORD_AUTH sign-in; throws when it ends in a challenge. */
export async function signIn(
  house: Pick<House, 'sdk'>,
  clientId: string,
  username: string,
  password = PASSWORD,
): Promise<Tokens> {
  const { AuthenticationResult, ChallengeName } = await house.sdk.send(
    new InitiateAuthCommand({
      ClientId: clientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: username, PASSWORD: password },
    }),
  );
  if (AuthenticationResult === undefined) throw new Error(`Met the challenge ${ChallengeName}.`);
  return AuthenticationResult as Tokens;
}

/** New tokens for a refresh token, by REFRESH_TOKEN_AUTH. */
export async function refresh(house: Pick<House, 'sdk'>, clientId: string, token: string): Promise<Tokens> {
  const command = new InitiateAuthCommand({
    ClientId: clientId,
    AuthFlow: 'REFRESH_TOKEN_AUTH',
    AuthParameters: { REFRESH_TOKEN: token },
  });
  return (await house.sdk.send(command)).AuthenticationResult as Tokens;
}

export const claimsOf = (token: string): JWTPayload & Record<string, unknown> => decodeJwt(token);

/** `SecretHash` and `SECRET_HASH`, as clients compute it. */
export const secretHash = (client: { ClientId: string; ClientSecret?: string }, name: string) =>
  createHmac('sha256', client.ClientSecret ?? '')
    .update(name + client.ClientId)
    .digest('base64');
