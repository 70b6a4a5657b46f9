import { invalid } from '../../errors.ts';
import { parseDuration } from '../../platform/duration.ts';

/** Reads a setting's JSON; `name` is for the complaint, an InvalidParameterException. */
export type Reader<Value> = (value: unknown, name: string) => Value;

export const boolean: Reader<boolean> = (value, name) => {
  if (typeof value !== 'boolean') throw invalid(`${name} must be true or false.`);
  return value;
};

/** `hint` says what the smallest value means. */
export const integer =
  ({ min, max, hint = '' }: { min: number; max: number; hint?: string }): Reader<number> =>
  (value, name) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw invalid(`${name} must be an integer from ${min}${hint} to ${max}.`);
  };

/** Milliseconds of an ISO 8601 duration; `bounds` says in words what `min` and `max` are. */
export const duration =
  ({ min, max, bounds }: { min: number; max: number; bounds: string }): Reader<number> =>
  (value, name) => {
    const milliseconds = typeof value === 'string' ? parseDuration(value) : undefined;
    if (milliseconds !== undefined && milliseconds >= min && milliseconds <= max) return milliseconds;
    throw invalid(`${name} must be an ISO 8601 duration ${bounds}.`);
  };

export const oneOf =
  <Value extends string>(known: readonly Value[]): Reader<Value> =>
  (value, name) => {
    const read = known.find((one) => one === value);
    if (read === undefined) throw invalid(`${name} must be ${known.join(' or ')}.`);
    return read;
  };

/** The canonical form of a language tag (BCP 47). */
export const languageTag: Reader<string> = (value, name) => {
  try {
    // The longest that anybody needs, such as `zh-Hant-HK`, is far below.
    const [tag] = typeof value === 'string' && value.length <= 35 ? Intl.getCanonicalLocales(value) : [];
    if (tag !== undefined) return tag;
  } catch {}
  throw invalid(`${name} must be a language tag, such as en or pt-BR.`);
};

/** Each of `known` at most once. */
export const listOf =
  <Value extends string>(known: readonly Value[]): Reader<readonly Value[]> =>
  (value, name) => {
    const given: readonly unknown[] = Array.isArray(value) ? value : [null];
    const read = known.filter((one) => given.includes(one));
    if (read.length === given.length) return read;
    throw invalid(`${name} must be a list of ${known.join(' and ')}, each once at most, or empty.`);
  };
