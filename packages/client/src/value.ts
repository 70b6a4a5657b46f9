import { fromBase64 } from './bytes.ts';

/**
 * What is special within a shape, and nothing else: `s` sensitive, `t` a timestamp, `b` bytes, `d` any JSON; a list is
 * `[its items]`, a map `{ '*': its values }`, a structure `{ member: … }`.
 */
export type Spec = 's' | 't' | 'b' | 'd' | readonly [Spec] | { readonly [member: string]: Spec };

/** What stands for a sensitive member wherever a value is printed. */
const HIDDEN = '***';
/** Node, Deno and Bun ask an object by this name how to print it. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * A deeply frozen copy without absent members. Sensitive members are getters: whoever reads or spreads them has them,
 * while `console.log`, `util.inspect` and `JSON.stringify` print `***`.
 */
export function requestValue<T>(plain: T, spec?: Spec): T {
  return build(plain, spec, ['toJSON', INSPECT]) as T;
}

/** The same of an answer; only that `JSON.stringify` gives it whole, since programs store tokens and pass users on. */
export function answerValue<T>(json: T, spec?: Spec): T {
  return build(json, spec, [INSPECT]) as T;
}

function build(from: unknown, spec: Spec | undefined, printers: readonly PropertyKey[]): unknown {
  if (spec === 't' && typeof from === 'number') return new Date(Math.round(from * 1000));
  if (spec === 'b' && typeof from === 'string') return fromBase64(from);
  if (from instanceof Uint8Array) return from.slice();
  if (!isTree(from)) return from;
  if (Array.isArray(from)) return Object.freeze(from.map((item) => build(item, partOf(spec, 0), printers)));
  const made = {};
  let hides = false;
  for (const [key, item] of Object.entries(from)) {
    if (item == null && spec !== 'd') continue;
    const part = partOf(spec, key);
    const value = build(item, part, printers);
    const bytes = value instanceof Uint8Array;
    hides ||= bytes || part === 's';
    Object.defineProperty(made, key, {
      enumerable: true,
      // Bytes cannot be frozen, so that every reader gets bytes of its own.
      ...(bytes ? { get: () => value.slice() } : part === 's' ? { get: () => value } : { value }),
    });
  }
  if (hides) for (const name of printers) Object.defineProperty(made, name, { value: () => printed(made) });
  return Object.freeze(made);
}

const isTree = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof Date);

function partOf(spec: Spec | undefined, key: string | number): Spec | undefined {
  // What lies within a sensitive value is sensitive too, and within any JSON lies any JSON.
  if (typeof spec !== 'object') return spec === 's' || spec === 'd' ? spec : undefined;
  const parts = spec as Readonly<Record<string, Spec>>;
  return Object.hasOwn(parts, key) ? parts[key] : parts['*'];
}

const printed = (value: object) =>
  Object.fromEntries(
    Object.entries(Object.getOwnPropertyDescriptors(value))
      .filter(([, { enumerable }]) => enumerable)
      .map(([key, { get, value }]) => [key, get ? HIDDEN : value]),
  );

/** Whether two values say the same, whatever the order of their members; an absent member equals `undefined`. */
export function equals(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (one instanceof Date && other instanceof Date) return one.getTime() === other.getTime();
  if (!isTree(one) || !isTree(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  const [left, right] = [one, other] as Record<string, unknown>[];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every(
    (key) => own(left, key) === own(right, key) || equals(own(left, key), own(right, key)),
  );
}

const own = (value: Readonly<Record<string, unknown>> | undefined, key: string) =>
  value !== undefined && Object.hasOwn(value, key) ? value[key] : undefined;
