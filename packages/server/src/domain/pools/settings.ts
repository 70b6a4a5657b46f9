import { invalid } from '../../errors.ts';
import { DAY, formatDuration, HOUR, MINUTE } from '../../platform/duration.ts';
import { boolean, duration, integer, languageTag, listOf, oneOf, type Reader } from './setting-readers.ts';

/** The statuses that cannot recover on Amazon Cognito, and here only where `recovery.states` names them. */
export const FURTHER_STATES = ['FORCE_CHANGE_PASSWORD', 'UNCONFIRMED'] as const;
export type FurtherState = (typeof FURTHER_STATES)[number];

/** What a pool can be set to beyond Amazon Cognito; the defaults are Amazon Cognito's behaviour. */
export interface PoolSettings {
  readonly recovery: {
    /** How often a user may request or enter a code in an hour; 0 lifts the limit, attempts are still counted. */
    readonly attemptsPerHour: number;
    /** Milliseconds that a password reset code is good for. */
    readonly codeLifetime: number;
    /** Digits of a password reset code. */
    readonly codeLength: number;
    /** Whether a user who has a second factor needs it to reset a password, too. */
    readonly secondFactor: boolean;
    /** Whether a reset by code ends every session of the user. */
    readonly revokeSessions: boolean;
    /** Further statuses that recover, by the address that their invitation or sign-up code goes to. */
    readonly states: readonly FurtherState[];
    /** Whether ForgotPassword obeys `channel` in its ClientMetadata. */
    readonly chooseChannel: boolean;
    /** Milliseconds that a verified address recovers after it was changed to one that is not verified; 0 for none. */
    readonly previousAddressGrace: number;
    /** Whether `POST /recovery/check-code` answers for the pool. */
    readonly checkCode: boolean;
    /** Milliseconds that records of recovery requests are kept from their making; 0 keeps none. */
    readonly recordsKeptFor: number;
  };
  /** How often a user may do something in an hour; 0 lifts a limit, attempts are still counted. */
  readonly limits: {
    readonly resendConfirmationCode: number;
    readonly confirmSignUp: number;
    readonly changePassword: number;
    readonly getUserAttributeVerificationCode: number;
    readonly verifyUserAttribute: number;
  };
  readonly mfa: {
    /** Whether a recovery code may stand in for a second factor that a user has lost. */
    readonly recoveryCodes: boolean;
  };
  readonly passwords: {
    /** Whether a new password may be one that others are known to have had. */
    readonly compromised: 'allow' | 'refuse';
  };
  readonly messages: {
    /** Whether Amazon Cognito's default texts come in the language of a user's `locale`. */
    readonly byLocale: boolean;
    /** Whether `locale` in ClientMetadata goes before the user's. */
    readonly localeFromClientMetadata: boolean;
    /** The language of the pool's own texts, and of the default ones for who has no locale; BCP 47. */
    readonly language: string;
  };
}

export const defaultSettings: PoolSettings = {
  recovery: {
    attemptsPerHour: 5,
    codeLifetime: HOUR,
    codeLength: 6,
    secondFactor: false,
    revokeSessions: false,
    states: [],
    chooseChannel: false,
    previousAddressGrace: 0,
    checkCode: false,
    recordsKeptFor: 7 * DAY,
  },
  limits: {
    resendConfirmationCode: 5,
    confirmSignUp: 15,
    changePassword: 5,
    getUserAttributeVerificationCode: 5,
    verifyUserAttribute: 15,
  },
  mfa: { recoveryCodes: false },
  passwords: { compromised: 'allow' },
  messages: { byLocale: false, localeFromClientMetadata: false, language: 'en' },
};

/** Settings as they were stored, perhaps before some of them existed. */
export function storedSettings(json: string): PoolSettings {
  const stored = JSON.parse(json) as { [Section in keyof PoolSettings]?: Partial<PoolSettings[Section]> };
  return {
    recovery: { ...defaultSettings.recovery, ...stored.recovery },
    limits: { ...defaultSettings.limits, ...stored.limits },
    mfa: { ...defaultSettings.mfa, ...stored.mfa },
    passwords: { ...defaultSettings.passwords, ...stored.passwords },
    messages: { ...defaultSettings.messages, ...stored.messages },
  };
}

/** The JSON of `GET pools/{userPoolId}/settings`. */
export function settingsToJson({ recovery, limits, mfa, passwords, messages }: PoolSettings) {
  return {
    recovery: {
      ...recovery,
      codeLifetime: formatDuration(recovery.codeLifetime),
      previousAddressGrace: longDuration(recovery.previousAddressGrace),
      recordsKeptFor: longDuration(recovery.recordsKeptFor),
    },
    limits,
    mfa,
    passwords,
    messages,
  };
}

/** `P7D` says more than `PT168H`. */
const longDuration = (milliseconds: number) =>
  milliseconds > 0 && milliseconds % DAY === 0 ? `P${milliseconds / DAY}D` : formatDuration(milliseconds);

type Readers<Section> = { readonly [Name in keyof Section]: Reader<Section[Name]> };

const perHour = integer({ min: 0, max: 1_000_000, hint: ' (no limit)' });

const recovery: Readers<PoolSettings['recovery']> = {
  attemptsPerHour: perHour,
  codeLifetime: duration({ min: MINUTE, max: DAY, bounds: 'from PT1M to PT24H, such as PT1H' }),
  // An SMS and a person's patience take no more; fewer would be guessed.
  codeLength: integer({ min: 6, max: 12 }),
  secondFactor: boolean,
  revokeSessions: boolean,
  states: listOf(FURTHER_STATES),
  chooseChannel: boolean,
  previousAddressGrace: duration({ min: 0, max: 90 * DAY, bounds: 'from PT0S (none) to P90D, such as P3D' }),
  checkCode: boolean,
  recordsKeptFor: duration({ min: 0, max: 400 * DAY, bounds: 'from PT0S (none) to P400D, such as P7D' }),
};

const limits: Readers<PoolSettings['limits']> = {
  resendConfirmationCode: perHour,
  confirmSignUp: perHour,
  changePassword: perHour,
  getUserAttributeVerificationCode: perHour,
  verifyUserAttribute: perHour,
};

const mfa: Readers<PoolSettings['mfa']> = { recoveryCodes: boolean };

const passwords: Readers<PoolSettings['passwords']> = { compromised: oneOf(['allow', 'refuse']) };

const messages: Readers<PoolSettings['messages']> = {
  byLocale: boolean,
  localeFromClientMetadata: boolean,
  language: languageTag,
};

const sections = { recovery, limits, mfa, passwords, messages };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `json` laid over `current`: what it does not name stays. Throws InvalidParameterException naming what is wrong. */
export function settingsFromJson(json: unknown, current: PoolSettings): PoolSettings {
  if (!isObject(json)) throw invalid('The settings must be a JSON object.');
  const stranger = Object.keys(json).find((key) => !Object.hasOwn(sections, key));
  if (stranger !== undefined) throw invalid(`Unknown setting ${stranger.slice(0, 64)}.`);
  const settings = {
    recovery: sectionFromJson('recovery', recovery, json['recovery'], current.recovery),
    limits: sectionFromJson('limits', limits, json['limits'], current.limits),
    mfa: sectionFromJson('mfa', mfa, json['mfa'], current.mfa),
    passwords: sectionFromJson('passwords', passwords, json['passwords'], current.passwords),
    messages: sectionFromJson('messages', messages, json['messages'], current.messages),
  };
  if (settings.messages.localeFromClientMetadata && !settings.messages.byLocale) {
    throw invalid('messages.localeFromClientMetadata needs messages.byLocale.');
  }
  return settings;
}

function sectionFromJson<Section extends object>(
  section: string,
  readers: Readers<Section>,
  json: unknown,
  current: Section,
): Section {
  const given = json ?? {};
  if (!isObject(given)) throw invalid(`${section} must be an object.`);
  const read = { ...current };
  for (const [key, value] of Object.entries(given)) {
    const name = `${section}.${key.slice(0, 64)}`;
    if (!isSettingOf(readers, key)) throw invalid(`${name} is not supported by Poolkeeper yet.`);
    read[key] = readers[key](value, name);
  }
  return read;
}

const isSettingOf = <Section extends object>(
  readers: Readers<Section>,
  key: PropertyKey,
): key is keyof Section => Object.hasOwn(readers, key);
