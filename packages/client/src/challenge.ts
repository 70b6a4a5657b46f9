import type { ChallengeNameType, InitiateAuthResponse } from '@poolkeeper/model';
import { type App, extrasOf, type FlowOptions, namedBy } from './app.ts';
import { respondToAuthChallenge } from './generated/operations.ts';
import { type Tokens, tokensOf, tokensSpec } from './tokens.ts';
import { answerValue } from './value.ts';

/** What every challenge keeps. A plain value: it may wait in a session's storage while the user reads a message. */
interface Kept {
  /** The name that answers are given for: the user's own, where the challenge told it. */
  readonly username: string;
  readonly session?: string;
  /** ChallengeParameters as they came. */
  readonly parameters: Readonly<Record<string, string>>;
}

export type SignedIn = { readonly name: 'SIGNED_IN'; readonly tokens: Tokens };

/** A code is asked for, which was sent to `destination` (masked) or is shown by the user's authenticator app. */
export interface CodeChallenge extends Kept {
  readonly name: 'SMS_MFA' | 'SMS_OTP' | 'EMAIL_OTP' | 'SOFTWARE_TOKEN_MFA';
  readonly destination?: string;
}

/** The password is temporary. `requiredAttributes` must be given too, by their names. */
export interface NewPasswordChallenge extends Kept {
  readonly name: 'NEW_PASSWORD_REQUIRED';
  readonly requiredAttributes: readonly string[];
  readonly userAttributes: Readonly<Record<string, string>>;
}

/** One of `choices` is to be chosen: a second factor, or the way to sign in. */
export interface ChoiceChallenge extends Kept {
  readonly name: 'SELECT_MFA_TYPE' | 'SELECT_CHALLENGE';
  readonly choices: readonly string[];
}

/** A second factor is to be set up first: `setUpAuthenticator`. */
export interface SetupChallenge extends Kept {
  readonly name: 'MFA_SETUP';
  readonly choices: readonly string[];
}

/** The pool's own question, by its Lambda triggers. */
export interface CustomChallenge extends Kept {
  readonly name: 'CUSTOM_CHALLENGE';
}

type Told =
  | CodeChallenge['name']
  | NewPasswordChallenge['name']
  | ChoiceChallenge['name']
  | SetupChallenge['name']
  | CustomChallenge['name'];

/** A challenge that is answered with ChallengeResponses as the API has them. */
export interface OtherChallenge extends Kept {
  readonly name: Exclude<ChallengeNameType, Told>;
}

export type Challenge =
  | CodeChallenge
  | NewPasswordChallenge
  | ChoiceChallenge
  | SetupChallenge
  | CustomChallenge
  | OtherChallenge;

/** Where a sign-in stands; `switch (step.name)` tells which. */
export type SignInStep = SignedIn | Challenge;

/** What a challenge is answered with; `responses` fits every one. */
export type Reply<Asked extends Challenge> =
  | (Asked extends CodeChallenge ? { readonly code: string } : never)
  | (Asked extends NewPasswordChallenge
      ? { readonly newPassword: string; readonly attributes?: Readonly<Record<string, string>> }
      : never)
  | (Asked extends ChoiceChallenge ? { readonly choice: string; readonly password?: string } : never)
  | (Asked extends CustomChallenge ? { readonly answer: string } : never)
  | { readonly responses: Readonly<Record<string, string>> };

/** Any of the replies, seen by their members. */
interface Said {
  readonly code?: string;
  readonly newPassword?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly choice?: string;
  readonly password?: string;
  readonly answer?: string;
  readonly responses?: Readonly<Record<string, string>>;
}

/**
 * Answers a challenge; resolves to the next one or to tokens. After `CodeMismatchException` the same challenge can be answered
 * again. Rejects with `NotAuthorizedException` when its session has ended.
 */
export async function answerChallenge<Asked extends Challenge>(
  app: App,
  challenge: Asked,
  reply: Reply<Asked>,
  options?: FlowOptions,
): Promise<SignInStep> {
  const { name, username, session } = challenge;
  const responses = { ...(await namedBy(app, username)), ...responsesOf(name, reply as Said) };
  const request = {
    ClientId: app.clientId,
    ChallengeName: name,
    Session: session,
    ChallengeResponses: responses,
    ...extrasOf(options),
  };
  return stepOf(username, await respondToAuthChallenge(app, request, options));
}

function responsesOf(name: string, said: Said): Record<string, string> {
  const { code, newPassword, attributes = {}, password, answer = said.choice, responses } = said;
  return {
    ...(code !== undefined && { [`${name}_CODE`]: code }),
    ...(newPassword !== undefined && { NEW_PASSWORD: newPassword }),
    ...Object.fromEntries(Object.entries(attributes).map(([key, value]) => [`userAttributes.${key}`, value])),
    ...(answer !== undefined && { ANSWER: answer }),
    ...(password !== undefined && { PASSWORD: password }),
    ...responses,
  };
}

/** What the service answered to one who signs in, as a value whose tokens and session do not print. */
export function stepOf(username: string, answer: InitiateAuthResponse): SignInStep {
  const {
    AuthenticationResult,
    AvailableChallenges,
    ChallengeName: name,
    ChallengeParameters: parameters = {},
  } = answer;
  const step =
    AuthenticationResult === undefined
      ? {
          name,
          username: parameters['USER_ID_FOR_SRP'] ?? parameters['USERNAME'] ?? username,
          session: answer.Session,
          parameters,
          destination: parameters['CODE_DELIVERY_DESTINATION'],
          choices:
            AvailableChallenges ?? parsed(parameters['MFAS_CAN_CHOOSE'] ?? parameters['MFAS_CAN_SETUP']),
          ...(name === 'NEW_PASSWORD_REQUIRED' && newPasswordFacts(parameters)),
        }
      : { name: 'SIGNED_IN', tokens: tokensOf(AuthenticationResult) };
  return answerValue(step, {
    username: 's',
    session: 's',
    userAttributes: 's',
    parameters: 's',
    tokens: tokensSpec,
  }) as SignInStep;
}

const newPasswordFacts = ({ requiredAttributes, userAttributes }: Readonly<Record<string, string>>) => ({
  requiredAttributes: ((parsed(requiredAttributes) ?? []) as string[]).map((name) =>
    name.replace('userAttributes.', ''),
  ),
  userAttributes: parsed(userAttributes) ?? {},
});

/** JSON within JSON: what the service puts into its maps of texts. */
const parsed = (text: string | undefined): unknown => (text === undefined ? undefined : JSON.parse(text));
