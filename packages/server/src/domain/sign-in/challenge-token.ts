import { invalidSession, sessionExpired, sessionUsed } from '../../errors.ts';
import { MINUTE } from '../../platform/duration.ts';
import { newId } from '../../platform/random.ts';
import { insertSpentChallenge } from '../../storage/repositories/spent-challenges.ts';
import type { Unit } from '../../storage/unit.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { Services } from '../services.ts';

/** What the server must remember of a challenge between two requests. */
export interface ChallengeFacts {
  PASSWORD_VERIFIER: {
    /** The session key of SRP, base64: enough to check the proof, nothing to guess the password with. */
    readonly key: string;
    /** The verifier's salt: a password set since then has another one. */
    readonly salt: string;
    readonly userIdForSrp: string;
  };
  NEW_PASSWORD_REQUIRED: {
    /** When the temporary password ends: one set since then has another end. */
    readonly temporaryUntil: number | null;
  };
}
export type Step = keyof ChallengeFacts;

/** A challenge as it travels through the client: sealed, so any node can go on with it and nobody can read it. */
export type Challenge<S extends Step> = ChallengeFacts[S] & {
  readonly id: string;
  readonly clientId: string;
  readonly sub: string;
  readonly expiresAt: number;
};

const context = (step: Step, poolId: string) => `challenge.${step}/${poolId}`;

export function sealChallenge<S extends Step>(
  services: Services,
  client: AppClient,
  step: S,
  sub: string,
  facts: ChallengeFacts[S],
): Buffer {
  const challenge: Challenge<S> = {
    ...facts,
    id: newId(),
    clientId: client.id,
    sub,
    expiresAt: services.clock.now() + client.config.AuthSessionValidity * MINUTE,
  };
  return services.keyring.seal(context(step, client.poolId), JSON.stringify(challenge));
}

/** Throws NotAuthorizedException for what this server did not make for this client and step, or that is too old. */
export function openChallenge<S extends Step>(
  services: Services,
  client: AppClient,
  step: S,
  sealed: Buffer,
): Challenge<S> {
  let challenge: Challenge<S>;
  try {
    challenge = JSON.parse(services.keyring.open(context(step, client.poolId), sealed).toString());
  } catch {
    throw invalidSession();
  }
  if (challenge.clientId !== client.id) throw invalidSession();
  if (challenge.expiresAt <= services.clock.now()) throw sessionExpired();
  return challenge;
}

/** To be called in the unit that completes the challenge. Throws NotAuthorizedException the second time. */
export async function spendChallenge(unit: Unit, poolId: string, challenge: Challenge<Step>): Promise<void> {
  const spent = { poolId, id: challenge.id, expiresAt: challenge.expiresAt };
  if ((await insertSpentChallenge.run(unit, spent)) !== 1) throw sessionUsed();
}
