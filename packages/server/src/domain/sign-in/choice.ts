import {
  invalid,
  invalidSession,
  noChallengeAvailable,
  notObeyedYet,
  userNotConfirmed,
} from '../../errors.ts';
import { findUser } from '../../storage/repositories/users.ts';
import { writeAndSend } from '../delivery/write-and-send.ts';
import { countedAs } from '../limits/message-caps.ts';
import { simulatedAddress } from '../recovery/simulated-address.ts';
import { foldName } from '../users/names.ts';
import {
  type Challenge,
  credentialOf,
  NO_CREDENTIAL,
  readSession,
  sessionOf,
  spendChallenge,
} from './challenge-token.ts';
import { type Claimant, claimantOf, claimantOfBegun } from './claimant.ts';
import {
  attributeOf,
  type CodeFactor,
  codeFactorsOf,
  type FirstFactor,
  isProven,
  offeredTo,
} from './first-factors.ts';
import { checkPassword } from './password-sign-in.ts';
import { sendSignInCode } from './send-code.ts';
import { required } from './sign-in-parameters.ts';
import { type SignInRequest, type SignInResult, senderOf } from './sign-in-result.ts';
import { signInFromSignUp } from './sign-up-session.ts';
import { agreeOnKey } from './srp-sign-in.ts';

type Chosen = Challenge<'SELECT_CHALLENGE'>;
interface Chooser extends Claimant {
  readonly offered: readonly FirstFactor[];
}

/** Demand more of a sign-in than its factors; a client that sends them must not believe that they were heeded. */
const STEP_UP = ['TARGET_ACR_VALUES', 'MAX_AGE', 'ACCESS_TOKEN'];

/**
 * USER_AUTH: the user says which first factor it shall be, at once by PREFERRED_CHALLENGE or after SELECT_CHALLENGE has
 * named those that there are. A preference that cannot be met is no error, as on Amazon Cognito.
 */
export async function startChoice(request: SignInRequest): Promise<SignInResult> {
  const { parameters } = request;
  const stepUp = STEP_UP.find((name) => parameters[name] !== undefined);
  if (stepUp !== undefined) throw notObeyedYet(`AuthParameters ${stepUp}`);
  const claimant = await claimantOf(request);
  const signedIn = await signInFromSignUp(request, claimant);
  if (signedIn !== undefined) return signedIn;

  const chooser = { ...claimant, offered: offeredTo(request, claimant) };
  const wanted = parameters['PREFERRED_CHALLENGE'];
  refuseUnconfirmed(request, chooser, wanted);
  if (chooser.offered.length === 0) throw noChallengeAvailable();
  const preferred = chooser.offered.find((factor) => factor === wanted);
  return preferred === undefined ? select(request, chooser) : begin(request, chooser, preferred);
}

/** Who has yet to confirm is told so where only a code would get them in; a password has to be right first. */
function refuseUnconfirmed(
  { pool, client }: SignInRequest,
  { user, offered }: Chooser,
  wanted: string | undefined,
): void {
  if (client.hidesUsers || user?.status !== 'UNCONFIRMED') return;
  const wantsCode = codeFactorsOf(pool.config).some((factor) => factor === wanted);
  if (wantsCode || offered.length === 0) throw userNotConfirmed();
}

/** SELECT_CHALLENGE, or PASSWORD and PASSWORD_SRP when they are answered by their own names. */
export const answerChoice =
  (named?: FirstFactor) =>
  async (request: SignInRequest, session: string | undefined): Promise<SignInResult> => {
    const { services, pool, client, parameters } = request;
    const challenge = readSession(services, client, 'SELECT_CHALLENGE', session);
    const answer = named ?? required(parameters, 'ANSWER');
    // Nothing but what the client has seen before: of a user's other names it must not learn that they are.
    const given = foldName(pool, required(parameters, 'USERNAME'));
    if (given !== foldName(pool, challenge.name) && given !== challenge.username) throw invalidSession();
    const claimant = await claimantOfBegun(request, challenge.name);
    if (claimant.sub !== challenge.sub) throw invalidSession();
    const chooser = { ...claimant, offered: offeredTo(request, claimant) };
    const chosen = chooser.offered.find((factor) => factor === answer);
    if (chosen === undefined) throw invalid('ANSWER names no challenge that is available for the user.');
    if (challenge.chosen !== undefined && chosen !== challenge.chosen) throw invalidSession();
    return begin(request, chooser, chosen, challenge);
  };

/** The first step of a factor. `challenge` is where it was chosen, and can be completed once. */
async function begin(
  request: SignInRequest,
  chooser: Chooser,
  factor: FirstFactor,
  challenge?: Chosen,
): Promise<SignInResult> {
  switch (factor) {
    case 'PASSWORD_SRP':
      return agreeOnKey(request, chooser, { challenge });
    case 'PASSWORD': {
      const isAsked = request.parameters['PASSWORD'] === undefined && challenge?.chosen === undefined;
      return isAsked
        ? select(request, chooser, { challenge, as: factor })
        : checkPassword(request, chooser, challenge);
    }
    default:
      return sendFirstCode(request, chooser, factor, challenge);
  }
}

/** SELECT_CHALLENGE, or the challenge of a factor that was chosen without what it takes. */
function select(
  { services, client }: SignInRequest,
  { name, username, sub, offered }: Chooser,
  chosen?: { challenge: Chosen | undefined; as: 'PASSWORD' },
): SignInResult {
  const { challenge, as } = chosen ?? {};
  const facts = { name, username, ...(as && { chosen: as }) };
  return {
    ChallengeName: as ?? 'SELECT_CHALLENGE',
    Session: sessionOf(services, client, 'SELECT_CHALLENGE', sub, facts, challenge && { id: challenge.id }),
    ChallengeParameters: {},
    AvailableChallenges: [...offered],
  };
}

async function sendFirstCode(
  request: SignInRequest,
  { name, user, sub, username, offered }: Chooser,
  factor: CodeFactor,
  challenge: Chosen | undefined,
): Promise<SignInResult> {
  const { services, pool } = request;
  const attribute = attributeOf[factor];
  // Where users are hidden, a code can be chosen that somebody disabled, or without the address, does not get.
  const reached = user?.enabled && isProven(user, factor) ? user : undefined;
  const address =
    reached?.attributes[attribute] ?? simulatedAddress(services, pool, { user, sub }, [attribute]).address;
  const sent = await writeAndSend(services, pool, senderOf(request), async (unit) => {
    await findUser.first(unit, { poolId: pool.id, sub });
    if (challenge !== undefined) await spendChallenge(unit, pool.id, challenge);
    return sendSignInCode(request, unit, factor, {
      sub,
      username,
      credential: reached === undefined ? NO_CREDENTIAL : credentialOf(reached),
      attribute,
      address,
      countsAs: countedAs({ user, sub }, name, address),
      user: reached,
      first: true,
    });
  });
  return { ...sent, AvailableChallenges: [...offered] };
}
