import { call } from './call.ts';
import type { srpClient } from './srp-client.ts';

interface Account {
  readonly poolId: string;
  readonly clientId: string;
  readonly password: string;
}

/** One sign-in by USER_SRP_AUTH, both calls of it. */
export async function signInBySrp(
  url: string,
  client: Awaited<ReturnType<typeof srpClient>>,
  { poolId, clientId, password }: Account,
  username: string,
): Promise<void> {
  const { ChallengeParameters } = await call<{ ChallengeParameters: Record<string, string> }>(
    url,
    'InitiateAuth',
    {
      AuthFlow: 'USER_SRP_AUTH',
      ClientId: clientId,
      AuthParameters: { USERNAME: username, SRP_A: client.A },
    },
  );
  const account = { poolName: poolId.slice(poolId.indexOf('_') + 1), userId: username, password };
  await call(url, 'RespondToAuthChallenge', {
    ChallengeName: 'PASSWORD_VERIFIER',
    ClientId: clientId,
    ChallengeResponses: await client.proof(account, ChallengeParameters),
  });
}
