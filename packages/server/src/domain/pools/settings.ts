import { invalid } from '../../errors.ts';
import { DAY, formatDuration, HOUR, MINUTE, parseDuration } from '../../platform/duration.ts';

/** What a pool can be set to beyond Amazon Cognito; the defaults are Amazon Cognito's behaviour. */
export interface PoolSettings {
  readonly recovery: {
    /** How often a user may request or enter a code in an hour; 0 lifts the limit, attempts are still counted. */
    readonly attemptsPerHour: number;
    /** Milliseconds that a password reset code is good for. */
    readonly codeLifetime: number;
    /** Whether a user who has a second factor needs it to reset a password, too. */
    readonly secondFactor: boolean;
  };
  readonly mfa: {
    /** Whether a recovery code may stand in for a second factor that a user has lost. */
    readonly recoveryCodes: boolean;
  };
}

export const defaultSettings: PoolSettings = {
  recovery: { attemptsPerHour: 5, codeLifetime: HOUR, secondFactor: false },
  mfa: { recoveryCodes: false },
};

/** Settings as they were stored, perhaps before some of them existed. */
export function storedSettings(json: string): PoolSettings {
  const stored = JSON.parse(json) as { [Section in keyof PoolSettings]?: Partial<PoolSettings[Section]> };
  return {
    recovery: { ...defaultSettings.recovery, ...stored.recovery },
    mfa: { ...defaultSettings.mfa, ...stored.mfa },
  };
}

/** The JSON of `GET pools/{userPoolId}/settings`. */
export function settingsToJson({ recovery, mfa }: PoolSettings) {
  return { recovery: { ...recovery, codeLifetime: formatDuration(recovery.codeLifetime) }, mfa };
}

/** Reads a setting's JSON; `name` is for the complaint. */
type Reader<Value> = (value: unknown, name: string) => Value;
type Readers<Section> = { readonly [Name in keyof Section]: Reader<Section[Name]> };

const boolean: Reader<boolean> = (value, name) => {
  if (typeof value !== 'boolean') throw invalid(`${name} must be true or false.`);
  return value;
};

const recovery: Readers<PoolSettings['recovery']> = {
  attemptsPerHour(value, name) {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1_000_000)
      return value;
    throw invalid(`${name} must be an integer from 0 (no limit) to 1000000.`);
  },
  codeLifetime(value, name) {
    const duration = typeof value === 'string' ? parseDuration(value) : undefined;
    if (duration !== undefined && duration >= MINUTE && duration <= DAY) return duration;
    throw invalid(`${name} must be an ISO 8601 duration from PT1M to PT24H, such as PT1H.`);
  },
  secondFactor: boolean,
};

const mfa: Readers<PoolSettings['mfa']> = { recoveryCodes: boolean };

const sections = { recovery, mfa };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `json` laid over `current`: what it does not name stays. Throws InvalidParameterException naming what is wrong. */
export function settingsFromJson(json: unknown, current: PoolSettings): PoolSettings {
  if (!isObject(json)) throw invalid('The settings must be a JSON object.');
  const stranger = Object.keys(json).find((key) => !Object.hasOwn(sections, key));
  if (stranger !== undefined) throw invalid(`Unknown setting ${stranger.slice(0, 64)}.`);
  return {
    recovery: sectionFromJson('recovery', recovery, json['recovery'], current.recovery),
    mfa: sectionFromJson('mfa', mfa, json['mfa'], current.mfa),
  };
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
