import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { invalid, invalidSession, sessionExpired, sessionUsed } from '../../errors.ts';
import { MINUTE } from '../../platform/duration.ts';
import { newId } from '../../platform/random.ts';
import { findSpentChallenge, insertSpentChallenge } from '../../storage/repositories/spent-challenges.ts';
import type { Unit } from '../../storage/unit.ts';
import type { AddressAttribute } from '../delivery/masked-destination.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { Services } from '../services.ts';
import { BadAnswer } from '../triggers/answer.ts';
import type { Round } from '../triggers/define-auth-challenge.ts';
import type { User } from '../users/user.ts';

/** What a challenge after the first factor stands on. */
export interface Begun {
  /** `credentialOf` the user then: a password set since ends the sign-in. */
  readonly credential: string;
}

export interface SentCode extends Begun {
  /** Base64 of the code's keyed hash. */
  readonly digest: string;
  /** Where it went: proven by the right answer. */
  readonly attribute: AddressAttribute;
  readonly address: string;
  /** The canonical username, of a stand-in too. */
  readonly username: string;
  /** It is the first factor of a choice-based sign-in. */
  readonly first?: boolean;
  /** The user gave this address just now, at MFA_SETUP: a right answer makes it theirs. */
  readonly isNew?: boolean;
}

/** How far a sign-in by CUSTOM_AUTH has come. */
export interface CustomSignIn extends Begun {
  /** `signedOutAt` of the user then: a sign-out everywhere since ends the sign-in. */
  readonly signedOutAt: number;
  readonly rounds: readonly Round[];
}

/** What the server must remember of a challenge between two requests, by the challenge's name. */
export interface ChallengeFacts {
  PASSWORD_VERIFIER: {
    /** The session key of SRP, base64: enough to check the proof, nothing to guess the password with. */
    readonly key: string;
    /** The verifier's salt: a password set since then has another one. */
    readonly salt: string;
    readonly userIdForSrp: string;
    /** Where the password is a round of CUSTOM_AUTH. */
    readonly custom?: CustomSignIn;
  };
  CUSTOM_CHALLENGE: CustomSignIn & {
    /** The canonical username, of a stand-in too. */
    readonly username: string;
    /** privateChallengeParameters: what the answer is compared with. */
    readonly secrets: Readonly<Record<string, string>>;
    /** challengeMetadata. */
    readonly metadata: string | null;
  };
  NEW_PASSWORD_REQUIRED: {
    /** When the temporary password ends: one set since then has another end. */
    readonly temporaryUntil: number | null;
  };
  SMS_MFA: SentCode;
  EMAIL_OTP: SentCode;
  SMS_OTP: SentCode;
  SOFTWARE_TOKEN_MFA: Begun;
  SELECT_MFA_TYPE: Begun;
  MFA_SETUP: Begun & {
    /** Base64: what AssociateSoftwareToken handed out. */
    readonly seed?: string;
    /** VerifySoftwareToken saw a right code. */
    readonly verified?: boolean;
  };
  SELECT_CHALLENGE: {
    /** What was typed. */
    readonly name: string;
    /** The canonical username, of a stand-in too. */
    readonly username: string;
    /** What was chosen, where its parameter is still to come. */
    readonly chosen?: 'PASSWORD';
  };
  /** Between SignUp and ConfirmSignUp. */
  SIGN_UP: object;
  /** Between ConfirmSignUp and the first sign-in. */
  CONFIRMED_SIGN_UP: Begun & {
    /** The one that the confirmation code went to. */
    readonly attribute: AddressAttribute;
  };
}
export type Step = keyof ChallengeFacts;

interface Identity {
  readonly id: string;
  readonly expiresAt: number;
}

/** A challenge as it travels through the client: sealed, so any node can go on with it and nobody can read it. */
export type Challenge<S extends Step> = ChallengeFacts[S] &
  Identity & { readonly clientId: string; readonly sub: string };

/** AuthSessionValidity is no more. */
const LONGEST_SESSION = 15 * MINUTE;

/** Bytes that nearly every challenge fits into. */
const BLOCK = 1024;

/** Bytes that are 2048 characters when they are sealed and in base64: more is no `Session`. */
const LARGEST = 1495;

/** Characters of JSON that are not even tried to be packed into that: it would take a tenth of a second of everybody's. */
const MOST_PACKED = 131_072;

const context = (step: Step) => `challenge.${step}`;

/** A new challenge; `as` makes it another form of one that was made before: of the two, one can be completed. */
export function sealChallenge<S extends Step>(
  services: Services,
  client: AppClient,
  step: S,
  sub: string,
  facts: ChallengeFacts[S],
  as?: { readonly id: string; readonly expiresAt?: number },
): Buffer {
  const id = as?.id ?? newId();
  const expiresAt = as?.expiresAt ?? services.clock.now() + client.config.AuthSessionValidity * MINUTE;
  const challenge = { ...facts, id, clientId: client.id, sub, expiresAt };
  const json = JSON.stringify(challenge);
  return services.keyring.seal(context(step), step === 'CUSTOM_CHALLENGE' ? packed(json) : padded(json));
}

/** To one length, or a session would tell how long a hidden address is, and by that a stand-in from a user. */
function padded(json: string): string {
  return json + ' '.repeat(BLOCK - (Buffer.byteLength(json) % BLOCK));
}

/**
 * What functions have the server remember is repetitive, and may be long. Always of one length, too: what they keep of a
 * user is not what they keep of nobody. Throws `BadAnswer` for what does not fit.
 */
function packed(json: string): Buffer {
  const deflated = json.length <= MOST_PACKED ? deflateRawSync(json) : undefined;
  if (deflated === undefined || deflated.length > LARGEST) {
    throw new BadAnswer(
      'response.privateChallengeParameters and challengeMetadata, with those of the challenges before, do not fit into a Session: keep what is long elsewhere, and an id of it here.',
    );
  }
  return Buffer.concat([deflated], LARGEST);
}

/** The same as the text that travels as `Session`. */
export const sessionOf = <S extends Step>(...challenge: Parameters<typeof sealChallenge<S>>): string =>
  sealChallenge(...challenge).toString('base64url');

/** Throws NotAuthorizedException for what this server did not make for this step, or that is too old. */
export function openChallenge<S extends Step>(services: Services, step: S, sealed: Buffer): Challenge<S> {
  let challenge: Challenge<S>;
  try {
    const opened = services.keyring.open(context(step), sealed);
    challenge = JSON.parse((step === 'CUSTOM_CHALLENGE' ? inflateRawSync(opened) : opened).toString());
  } catch {
    throw invalidSession();
  }
  if (challenge.expiresAt <= services.clock.now()) throw sessionExpired();
  return challenge;
}

/** The same for a `Session` of a client's. Throws InvalidParameterException when there is none. */
export function readSession<S extends Step>(
  services: Services,
  client: AppClient,
  step: S,
  session: string | undefined,
): Challenge<S> {
  if (session === undefined) throw invalid('Missing required parameter Session');
  const challenge = openChallenge(services, step, Buffer.from(session, 'base64url'));
  if (challenge.clientId !== client.id) throw invalidSession();
  return challenge;
}

/** To be called in the unit that completes the challenge. Throws NotAuthorizedException the second time. */
export async function spendChallenge(unit: Unit, poolId: string, challenge: Identity): Promise<void> {
  if (!(await spendIfUnspent(unit, poolId, challenge))) throw sessionUsed();
}

/** The same, but false the second time. */
export async function spendIfUnspent(
  unit: Unit,
  poolId: string,
  { id, expiresAt }: Identity,
): Promise<boolean> {
  // Another form of the challenge may have been made until its last moment.
  const spent = { poolId, id, expiresAt: expiresAt + LONGEST_SESSION };
  return (await insertSpentChallenge.run(unit, spent)) === 1;
}

/**
 * Throws for a challenge that was completed. To be called in a unit that has locked the user, and spends it when the
 * answer is right.
 */
export async function requireUnspent(unit: Unit, poolId: string, { id }: Identity): Promise<void> {
  if ((await findSpentChallenge.first(unit, { poolId, id })) !== undefined) throw sessionUsed();
}

/** Tells one password of a user from the next, and nothing else. */
export const credentialOf = (user: User): string =>
  createHash('sha256')
    .update(user.passwordHash ?? '')
    .digest('base64')
    .slice(0, 22);

/** No user's: what stands on it is never right. */
export const NO_CREDENTIAL = '';
