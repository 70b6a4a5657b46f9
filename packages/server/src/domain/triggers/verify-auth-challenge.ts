import { boolean, optional } from './answer.ts';
import { withMetadata } from './event.ts';
import { runTrigger } from './run-trigger.ts';
import { type Party, partyOf, type SignIn, withUserNotFound } from './sign-in-event.ts';

/**
 * Asks the pool's function whether an answer to a custom challenge is right: what it does not call right is wrong.
 * Undefined where the pool has none.
 */
export function verifyAuthChallenge(
  signIn: SignIn,
  party: Party,
  privateChallengeParameters: Readonly<Record<string, string>>,
  challengeAnswer: string,
): Promise<boolean | undefined> {
  const { services, pool, client, clientMetadata } = signIn;
  const occasion = {
    trigger: 'VerifyAuthChallengeResponse' as const,
    source: 'VerifyAuthChallengeResponse_Authentication',
    userName: party.username,
    clientId: client.id,
    request: {
      ...partyOf(signIn, party),
      privateChallengeParameters,
      challengeAnswer,
      ...withUserNotFound(signIn, party),
      ...withMetadata(clientMetadata),
    },
    response: { answerCorrect: null },
  };
  return runTrigger(
    services,
    pool,
    occasion,
    (response) => optional(boolean)(response['answerCorrect'], 'response.answerCorrect') ?? false,
  );
}
