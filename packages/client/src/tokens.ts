import type { AuthenticationResultType } from '@poolkeeper/model';

/** What a signed-in user has. Prints without its tokens; `JSON.stringify` gives it whole, to be stored. */
export interface Tokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken?: string;
  /** When access and ID token end, by this machine's clock: milliseconds since 1970. */
  readonly expiresAt: number;
}

export const tokensSpec = { accessToken: 's', idToken: 's', refreshToken: 's' } as const;

/** A refresh may answer no new refresh token: the one before then stays. */
export function tokensOf(result: AuthenticationResultType, before?: string): Tokens {
  const { AccessToken = '', IdToken = '', RefreshToken = before, ExpiresIn = 0 } = result;
  return {
    accessToken: AccessToken,
    idToken: IdToken,
    ...(RefreshToken !== undefined && { refreshToken: RefreshToken }),
    expiresAt: Date.now() + ExpiresIn * 1000,
  };
}
