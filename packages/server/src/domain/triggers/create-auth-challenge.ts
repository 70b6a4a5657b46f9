import { BadAnswer, type MemberReader, mapOf, optional, text } from './answer.ts';
import type { Round } from './define-auth-challenge.ts';
import { withMetadata } from './event.ts';
import { runTrigger } from './run-trigger.ts';
import { type Party, partyOf, type SignIn, withUserNotFound } from './sign-in-event.ts';

type Texts = Readonly<Record<string, string>>;

export interface CreatedChallenge {
  /** For the user. */
  readonly publicParameters: Texts;
  /** For VerifyAuthChallengeResponse alone. */
  readonly privateParameters: Texts;
  readonly metadata: string | null;
}

/** Characters of publicChallengeParameters in JSON: what the API's model bounds a single text by. */
const MOST_PUBLIC = 131_072;

/** A member that is null is one that is not there. */
const texts: MemberReader<Texts> = (value, name) =>
  Object.fromEntries(
    Object.entries(optional(mapOf(optional(text)))(value, name) ?? {}).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );

/**
 * Has the pool's function make a challenge, and `keep` make something of it; undefined where the pool has none. `keep`
 * throws `BadAnswer` for one that cannot be kept.
 */
export function createAuthChallenge<Kept>(
  signIn: SignIn,
  party: Party,
  rounds: readonly Round[],
  keep: (challenge: CreatedChallenge) => Kept,
): Promise<Kept | undefined> {
  const { services, pool, client, clientMetadata } = signIn;
  const occasion = {
    trigger: 'CreateAuthChallenge' as const,
    source: 'CreateAuthChallenge_Authentication',
    userName: party.username,
    clientId: client.id,
    request: {
      ...partyOf(signIn, party),
      challengeName: 'CUSTOM_CHALLENGE',
      session: rounds,
      ...withUserNotFound(signIn, party),
      ...withMetadata(clientMetadata),
    },
    response: { publicChallengeParameters: null, privateChallengeParameters: null, challengeMetadata: null },
  };
  return runTrigger(services, pool, occasion, (response) => {
    const challenge = {
      publicParameters: texts(response['publicChallengeParameters'], 'response.publicChallengeParameters'),
      privateParameters: texts(response['privateChallengeParameters'], 'response.privateChallengeParameters'),
      metadata: optional(text)(response['challengeMetadata'], 'response.challengeMetadata') ?? null,
    };
    if (JSON.stringify(challenge.publicParameters).length > MOST_PUBLIC)
      throw new BadAnswer(
        `response.publicChallengeParameters must not be longer than ${MOST_PUBLIC} characters.`,
      );
    return keep(challenge);
  });
}
