import type { OperationName } from '@poolkeeper/model';
import type { RequestRates } from '../../config/limits.ts';
import { tooManyRequests } from '../../errors.ts';
import { type Category, categoryOf, perUser } from './operation-categories.ts';
import { fullBucket, keyedBuckets, take } from './token-bucket.ts';

/** Lets a request through, or throws TooManyRequestsException. */
export type LimitRate = (operation: OperationName, input: object) => void;

/** Answers to challenges have a rate of their own, three times that of the category; what is more counts in the category. */
const ANSWERS: ReadonlySet<OperationName> = new Set([
  'RespondToAuthChallenge',
  'AdminRespondToAuthChallenge',
]);
const ANSWERS_A_SIGN_IN = 3;

/**
 * Counts requests against the rates of this node, in memory: a limit that has to ask a database protects nobody from a
 * flood. A user's own rate comes first, so that a flood at one name leaves the category to the others. `refused` hears
 * which rate was exceeded.
 */
export function createRequestLimiter(
  rates: RequestRates,
  refused: (rate: keyof RequestRates) => void,
  now = () => performance.now(),
): LimitRate {
  const buckets = new Map(
    (Object.keys(rates) as Category[]).map((name) => [name, bucketOf(rates[name] as number)]),
  );
  const answers =
    rates.UserAuthentication === undefined
      ? undefined
      : bucketOf(rates.UserAuthentication * ANSWERS_A_SIGN_IN);
  const users = {
    PerUserRead: rates.PerUserRead === undefined ? undefined : keyedBuckets(rates.PerUserRead),
    PerUserWrite: rates.PerUserWrite === undefined ? undefined : keyedBuckets(rates.PerUserWrite),
  };

  return (operation, input) => {
    const category = categoryOfCall(operation, input);
    const at = now();
    const kind = perUser[category];
    const ofUsers = kind && users[kind];
    const user = ofUsers && userOf(input);
    if (kind !== undefined && user !== undefined && !ofUsers?.(user, at)) {
      refused(kind);
      throw tooManyRequests();
    }
    if (category === 'UserAuthentication' && ANSWERS.has(operation) && answers?.(at)) return;
    const bucket = buckets.get(category);
    if (bucket === undefined || bucket(at)) return;
    refused(category);
    throw tooManyRequests();
  };
}

function bucketOf(rate: number): (now: number) => boolean {
  const bucket = fullBucket(rate, Number.NEGATIVE_INFINITY);
  return (now) => take(bucket, rate, now);
}

/** A new password in place of a temporary one recovers an account, as the guide counts it. */
function categoryOfCall(operation: OperationName, input: object): Category {
  const { ChallengeName } = input as { ChallengeName?: string };
  return ANSWERS.has(operation) && ChallengeName === 'NEW_PASSWORD_REQUIRED'
    ? 'UserAccountRecovery'
    : categoryOf[operation];
}

/**
 * Whom a request is about, before anybody was looked up: by the name as it was typed, whether or not there is such a
 * user, or by the end of an access token, which is its signature and cannot be guessed.
 */
function userOf(input: object): string | undefined {
  const { AccessToken, Username, AuthParameters, ChallengeResponses, UserPoolId, ClientId } =
    input as Partial<Record<'AccessToken' | 'Username' | 'UserPoolId' | 'ClientId', string>> &
      Partial<Record<'AuthParameters' | 'ChallengeResponses', Record<string, string>>>;
  if (AccessToken !== undefined) return AccessToken.slice(-43);
  const name = Username ?? AuthParameters?.['USERNAME'] ?? ChallengeResponses?.['USERNAME'];
  return name === undefined ? undefined : `${UserPoolId ?? ClientId}/${name.slice(0, 128).toLowerCase()}`;
}
