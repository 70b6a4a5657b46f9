import type { App, FlowOptions } from './app.ts';
import { getTokensFromRefreshToken } from './generated/operations.ts';
import { type Tokens, tokensOf, tokensSpec } from './tokens.ts';
import { answerValue } from './value.ts';

/**
 * New tokens for the refresh token of these. Where refresh tokens rotate the old one ends: keep what is answered.
 * Rejects with `NotAuthorizedException` or `RefreshTokenReuseException` when the user must sign in again.
 */
export async function refreshTokens(app: App, tokens: Tokens, options: FlowOptions = {}): Promise<Tokens> {
  const { refreshToken } = tokens;
  if (refreshToken === undefined)
    throw new TypeError('There is no refresh token: the user must sign in again.');
  const { clientId: ClientId, clientSecret: ClientSecret } = app;
  const request = {
    RefreshToken: refreshToken,
    ClientId,
    ClientSecret,
    ClientMetadata: options.ClientMetadata,
  };
  const { AuthenticationResult = {} } = await getTokensFromRefreshToken(app, request, options);
  return answerValue(tokensOf(AuthenticationResult, refreshToken), tokensSpec);
}
