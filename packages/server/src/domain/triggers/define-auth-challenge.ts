import { BadAnswer, boolean, optional, text } from './answer.ts';
import { withMetadata } from './event.ts';
import { runTrigger } from './run-trigger.ts';
import { type Party, partyOf, type SignIn, withUserNotFound } from './sign-in-event.ts';

/** A challenge of a sign-in by CUSTOM_AUTH that was answered: an element of `session` in events. */
export interface Round {
  readonly challengeName: 'SRP_A' | 'PASSWORD_VERIFIER' | 'CUSTOM_CHALLENGE';
  readonly challengeResult: boolean;
  /** What CreateAuthChallenge called the challenge. */
  readonly challengeMetadata: string | null;
}

/** What comes next; `CUSTOM_CHALLENGE` and `PASSWORD_VERIFIER` are challenges. */
export type Verdict = 'CUSTOM_CHALLENGE' | 'PASSWORD_VERIFIER' | 'tokens' | 'refused';

/**
 * Asks the pool's function what comes after these rounds. Undefined where the pool has none. Throws
 * InvalidLambdaResponseException when it names none of what Poolkeeper can do: a challenge of Cognito's own comes after
 * the password, unasked.
 */
export function defineAuthChallenge(
  signIn: SignIn,
  party: Party,
  rounds: readonly Round[],
): Promise<Verdict | undefined> {
  const { services, pool, client, clientMetadata } = signIn;
  const occasion = {
    trigger: 'DefineAuthChallenge' as const,
    source: 'DefineAuthChallenge_Authentication',
    userName: party.username,
    clientId: client.id,
    request: {
      ...partyOf(signIn, party),
      session: rounds,
      ...withUserNotFound(signIn, party),
      ...withMetadata(clientMetadata),
    },
    response: { challengeName: null, issueTokens: null, failAuthentication: null },
  };
  return runTrigger(services, pool, occasion, (response): Verdict => {
    const challengeName = optional(text)(response['challengeName'], 'response.challengeName');
    const issueTokens = optional(boolean)(response['issueTokens'], 'response.issueTokens');
    const fails = optional(boolean)(response['failAuthentication'], 'response.failAuthentication');
    // A function that says both is in doubt.
    if (fails) return 'refused';
    if (issueTokens) return 'tokens';
    if (challengeName === 'CUSTOM_CHALLENGE') return challengeName;
    if (challengeName !== 'PASSWORD_VERIFIER') {
      throw new BadAnswer(
        'response must say issueTokens, failAuthentication, or the challengeName CUSTOM_CHALLENGE or PASSWORD_VERIFIER.',
      );
    }
    if (rounds.length !== 1 || rounds[0]?.challengeName !== 'SRP_A') {
      throw new BadAnswer(
        'response.challengeName can be PASSWORD_VERIFIER after SRP_A alone: the app has to begin with CHALLENGE_NAME=SRP_A.',
      );
    }
    return challengeName;
  });
}
