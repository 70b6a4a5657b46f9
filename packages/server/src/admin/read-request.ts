import type { FastifyRequest } from 'fastify';
import { invalid } from '../errors.ts';

/** The query's values by name. Throws InvalidParameterException for a name that is not listed, or is given twice. */
export function readQuery<Name extends string>(
  request: FastifyRequest,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const query = request.query as Record<string, string | string[]>;
  requireKnown('parameter', Object.keys(query), names);
  const repeated = Object.keys(query).find((name) => typeof query[name] !== 'string');
  if (repeated !== undefined) throw invalid(`${repeated} can be given once.`);
  return query as Partial<Record<Name, string>>;
}

/** The body's JSON. Throws InvalidParameterException. */
export function readJson(request: FastifyRequest): unknown {
  try {
    return JSON.parse(typeof request.body === 'string' ? request.body : '');
  } catch {
    throw invalid('The body must be JSON.');
  }
}

/** The body's JSON object. Throws InvalidParameterException, also for a member that is not listed. */
export function readMembers<Name extends string>(
  request: FastifyRequest,
  names: readonly Name[],
): Partial<Record<Name, unknown>> {
  const body = readJson(request);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalid(`The body must be a JSON object of ${names.join(', ')}.`);
  }
  requireKnown('member', Object.keys(body), names);
  return body;
}

/** `value` if it is an integer from `min` to `max`; throws InvalidParameterException, naming it and its bounds. */
export function integerIn(name: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(`${name} must be an integer from ${min} to ${max}.`);
}

/** The same for a query's text. */
export function integerTextIn(name: string, text: string, min: number, max: number): number {
  return integerIn(name, /^\d{1,9}$/.test(text) ? Number(text) : undefined, min, max);
}

function requireKnown(kind: string, given: readonly string[], names: readonly string[]): void {
  const stranger = given.find((name) => !names.includes(name));
  if (stranger === undefined) return;
  throw invalid(`Unknown ${kind} ${stranger.slice(0, 64)}. Known are ${names.join(', ')}.`);
}
