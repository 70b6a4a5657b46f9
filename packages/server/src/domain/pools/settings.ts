import { invalid } from '../../errors.ts';
import { DAY, formatDuration, HOUR, MINUTE, parseDuration } from '../../platform/duration.ts';

/** What a pool can be set to beyond Amazon Cognito; the defaults are Amazon Cognito's behaviour. */
export interface PoolSettings {
  readonly recovery: {
    /** How often a user may request or enter a code in an hour; 0 lifts the limit, attempts are still counted. */
    readonly attemptsPerHour: number;
    /** Milliseconds that a password reset code is good for. */
    readonly codeLifetime: number;
  };
}

export const defaultSettings: PoolSettings = { recovery: { attemptsPerHour: 5, codeLifetime: HOUR } };

/** The JSON of `GET pools/{userPoolId}/settings`. */
export function settingsToJson(settings: PoolSettings) {
  const { attemptsPerHour, codeLifetime } = settings.recovery;
  return { recovery: { attemptsPerHour, codeLifetime: formatDuration(codeLifetime) } };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `json` laid over `current`: what it does not name stays. Throws InvalidParameterException naming what is wrong. */
export function settingsFromJson(json: unknown, current: PoolSettings): PoolSettings {
  if (!isObject(json)) throw invalid('The settings must be a JSON object.');
  const stranger = Object.keys(json).find((key) => key !== 'recovery');
  if (stranger !== undefined) throw invalid(`Unknown setting ${stranger.slice(0, 64)}.`);
  const recovery = json['recovery'] ?? {};
  if (!isObject(recovery)) throw invalid('recovery must be an object.');
  let { attemptsPerHour, codeLifetime } = current.recovery;
  for (const [key, value] of Object.entries(recovery)) {
    if (key === 'attemptsPerHour') {
      if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > 1_000_000) {
        throw invalid('recovery.attemptsPerHour must be an integer from 0 (no limit) to 1000000.');
      }
      attemptsPerHour = value as number;
    } else if (key === 'codeLifetime') {
      const duration = typeof value === 'string' ? parseDuration(value) : undefined;
      if (duration === undefined || duration < MINUTE || duration > DAY) {
        throw invalid('recovery.codeLifetime must be an ISO 8601 duration from PT1M to PT24H, such as PT1H.');
      }
      codeLifetime = duration;
    } else {
      throw invalid(`recovery.${key.slice(0, 64)} is not supported by Poolkeeper yet.`);
    }
  }
  return { recovery: { attemptsPerHour, codeLifetime } };
}
