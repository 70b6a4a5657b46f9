import { randomBytes } from 'node:crypto';
import {
  AdminInitiateAuthCommand,
  type AuthFlowType,
  InitiateAuthCommand,
  type InitiateAuthResponse,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { expect } from 'vitest';
import { type House, raw } from './house.ts';
import { mostCompared } from './mfa-sign-in.ts';
import { refusal } from './refusal.ts';
import { srpClient } from './srp-client.ts';

type Outcome = Pick<InitiateAuthResponse, 'ChallengeName' | 'AuthenticationResult' | 'Session'>;
/** Shows a password; resolves to what the sign-in met. */
export type Way = (name: string, password: string) => Promise<Outcome>;

/** What an app client needs for all of them. */
export const ALL_WAYS = [
  'ALLOW_USER_PASSWORD_AUTH',
  'ALLOW_USER_SRP_AUTH',
  'ALLOW_ADMIN_USER_PASSWORD_AUTH',
  'ALLOW_USER_AUTH',
  'ALLOW_REFRESH_TOKEN_AUTH',
] as const;

/** Every way to sign in by a password, through one app client; `admin` is a client that knows the old name of a flow. */
export function passwordWays(
  { sdk }: Pick<House, 'sdk'>,
  UserPoolId: string,
  { ClientId }: { ClientId: string },
  admin: { ClientId: string } = { ClientId },
) {
  const asAdmin =
    (AuthFlow: AuthFlowType, client: { ClientId: string }): Way =>
    (USERNAME, PASSWORD) =>
      sdk.send(
        new AdminInitiateAuthCommand({
          UserPoolId,
          ClientId: client.ClientId,
          AuthFlow,
          AuthParameters: { USERNAME, PASSWORD },
        }),
      );
  let srp: ReturnType<typeof srpClient> | undefined;
  const byChoice: Way = (USERNAME, PASSWORD) =>
    sdk.send(
      new InitiateAuthCommand({
        ClientId,
        AuthFlow: 'USER_AUTH',
        AuthParameters: { USERNAME, PREFERRED_CHALLENGE: 'PASSWORD', PASSWORD },
      }),
    );

  const answerSrp = (
    { sdk: by }: Pick<House, 'sdk'>,
    ChallengeResponses: Record<string, string>,
  ): Promise<Outcome> =>
    by.send(
      new RespondToAuthChallengeCommand({ ClientId, ChallengeName: 'PASSWORD_VERIFIER', ChallengeResponses }),
    );

  /** The first step of SRP, and what answers it. */
  async function beginSrp(USERNAME: string) {
    srp ??= srpClient(UserPoolId);
    const client = srp;
    const { ChallengeParameters } = await sdk.send(
      new InitiateAuthCommand({
        ClientId,
        AuthFlow: 'USER_SRP_AUTH',
        AuthParameters: { USERNAME, SRP_A: client.SRP_A },
      }),
    );
    return {
      prove: (password: string, by: Pick<House, 'sdk'> = { sdk }) =>
        answerSrp(by, client.prove(ChallengeParameters, password)),
      /** A signature by another key, as a wrong password makes it; it takes the test no time. */
      proveWrongly: (by: Pick<House, 'sdk'> = { sdk }) =>
        answerSrp(by, {
          USERNAME: ChallengeParameters?.['USER_ID_FOR_SRP'] ?? '',
          TIMESTAMP: 'Mon Nov 23 18:00:00 UTC 2026',
          PASSWORD_CLAIM_SECRET_BLOCK: ChallengeParameters?.['SECRET_BLOCK'] ?? '',
          PASSWORD_CLAIM_SIGNATURE: randomBytes(32).toString('base64'),
        }),
    };
  }

  async function bySelection(USERNAME: string, PASSWORD: string): Promise<Outcome> {
    const { Session } = await sdk.send(
      new InitiateAuthCommand({ ClientId, AuthFlow: 'USER_AUTH', AuthParameters: { USERNAME } }),
    );
    return sdk.send(
      new RespondToAuthChallengeCommand({
        ClientId,
        ChallengeName: 'SELECT_CHALLENGE',
        Session,
        ChallengeResponses: { USERNAME, ANSWER: 'PASSWORD', PASSWORD },
      }),
    );
  }

  const inClear: Way = (USERNAME, PASSWORD) =>
    sdk.send(
      new InitiateAuthCommand({
        ClientId,
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME, PASSWORD },
      }),
    );

  return {
    beginSrp,
    inClear,
    all: {
      USER_PASSWORD_AUTH: inClear,
      USER_SRP_AUTH: async (name, password) => {
        const { prove, proveWrongly } = await beginSrp(name);
        return password === WRONG_PASSWORD ? proveWrongly() : prove(password);
      },
      ADMIN_USER_PASSWORD_AUTH: asAdmin('ADMIN_USER_PASSWORD_AUTH', { ClientId }),
      ADMIN_NO_SRP_AUTH: asAdmin('ADMIN_NO_SRP_AUTH', admin),
      'USER_AUTH, PASSWORD preferred': byChoice,
      'USER_AUTH, PASSWORD selected': bySelection,
    } satisfies Record<string, Way>,
  };
}

export type PasswordWays = ReturnType<typeof passwordWays>;

/** USER_PASSWORD_AUTH without the SDK, which has no more than 50 calls under way at a time. */
export const unboundedWay =
  ({ url }: Pick<House, 'url'>, { ClientId }: { ClientId: string }): Way =>
  async (USERNAME, PASSWORD) => {
    const AuthParameters = { USERNAME, PASSWORD };
    const request = { ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters };
    const { status, json } = await raw(url, 'InitiateAuth', request);
    if (status === 200) return json;
    throw Object.assign(new Error(json.message), { name: json.__type });
  };

// The guide's "Lockout behavior for failed sign-in attempts"; the texts are those of amazon-cognito-identity-js#479.
export const LOCKED = 'NotAuthorizedException: Password attempts exceeded';
export const WRONG = 'NotAuthorizedException: Incorrect username or password.';
export const WRONG_PASSWORD = 'Wrong-1-word';

/** Seconds. */
export const lockOf = (wrong: number) => Math.min(2 ** (wrong - 5), 900);

export const guess = (way: Way, name: string) => refusal(way(name, WRONG_PASSWORD));

type MovesTime = Pick<House, 'advance'>;

/** So many wrong passwords, each as soon as the lock of the one before it has run out. */
export async function wrongPasswords(house: MovesTime, way: Way, name: string, count: number, already = 0) {
  for (let wrong = already + 1; wrong <= count; wrong += 1) {
    expect(await guess(way, name)).toBe(WRONG);
    if (wrong >= 5 && wrong < count) await house.advance(`PT${lockOf(wrong)}S`);
  }
}

/**
 * The lock is the one of so many wrong passwords. There are some more of them afterwards: what is shorter than 16 seconds
 * could not be measured.
 */
export async function expectCount(house: MovesTime, way: Way, name: string, wrong: number) {
  let count = wrong;
  for (; count < 9; count += 1) {
    await house.advance(`PT${count < 5 ? 0 : lockOf(count)}S`);
    expect(await guess(way, name)).toBe(WRONG);
  }
  await house.advance(`PT${lockOf(count) - 6}S`);
  expect(await guess(way, name)).toBe(LOCKED);
  await house.advance('PT6S');
  expect(await guess(way, name)).toBe(WRONG);
}

/**
 * All calls begin at once. No more are told that they are wrong than the locks allow, and all others that they are
 * locked; resolves to how many that were.
 */
export async function expectExact(calls: readonly (() => Promise<unknown>)[]): Promise<number> {
  const started = performance.now();
  const heard = await Promise.all(calls.map((call) => refusal(call())));
  const compared = heard.filter((text) => text === WRONG).length;
  expect(compared).toBeGreaterThanOrEqual(5);
  expect(compared).toBeLessThanOrEqual(mostCompared(performance.now() - started));
  expect(heard.filter((text) => text === LOCKED)).toHaveLength(calls.length - compared);
  return compared;
}
