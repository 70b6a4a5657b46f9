import { isDeepStrictEqual } from 'node:util';
import type { Rehearsal } from '../domain/triggers/rehearse.ts';

/** Characters of an answer that a terminal is given. */
const LONGEST = 65_536;
const HIDDEN = '(not shown)';

/** A rehearsal for people, or in JSON. `secret` is nowhere in it: a function may repeat what it was sent. */
export function shownRehearsal(
  { event, answer, invocation, error }: Rehearsal,
  { json, secret }: { json: boolean; secret: string | undefined },
): string {
  const hide = <T>(value: T) => (secret ? withoutSecret(value, secret) : value) as T;
  const facts = {
    triggerSource: invocation?.triggerSource ?? null,
    functionArn: invocation?.functionArn ?? null,
    target: invocation?.target ?? null,
    attempts: invocation?.attempts ?? 0,
    durationMs: Math.round(invocation?.duration ?? 0),
    event: hide(parsed(event)),
    answer: hide(parsed(answer)) ?? null,
    accepted: error === undefined,
    error: error === undefined ? null : { type: error.type, message: hide(error.message) },
    reason: invocation?.reason ?? null,
  };
  if (json) return JSON.stringify(facts);
  const attempts = `${facts.attempts} ${facts.attempts === 1 ? 'attempt' : 'attempts'}`;
  return [
    `${facts.triggerSource} at ${facts.functionArn} (${facts.target ?? 'not mapped'}), ${facts.durationMs} ms, ${attempts}`,
    `Event\n${inLines(facts.event)}`,
    ...(answer === undefined ? [] : [shownAnswer(facts.event, facts.answer)]),
    facts.error === null
      ? `The server takes the answer.${facts.reason === null ? '' : ` But: ${facts.reason}`}`
      : `It fails: ${facts.error.type}: ${facts.error.message}${invocation?.outcome === 'bad-answer' ? `\n${facts.reason}` : ''}`,
  ].join('\n\n');
}

/** Its response alone, where the rest is the event as it was sent. */
function shownAnswer(event: unknown, answer: unknown): string {
  if (isObject(event) && isObject(answer)) {
    const { response, ...rest } = answer;
    const { response: _, ...sent } = event;
    if (isDeepStrictEqual(rest, sent)) return `Answer: the event, with this response\n${inLines(response)}`;
  }
  return `Answer\n${inLines(answer)}`;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON, or the text as it is. */
function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function withoutSecret(value: unknown, secret: string): unknown {
  if (typeof value === 'string') return value.replaceAll(secret, HIDDEN);
  if (Array.isArray(value)) return value.map((item) => withoutSecret(item, secret));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withoutSecret(member, secret)]),
  );
}

/** Escaped as JSON is: what a function answers must not move the cursor of a terminal. */
function inLines(value: unknown): string {
  const text = JSON.stringify(value, null, 2) ?? 'nothing';
  return text.length <= LONGEST
    ? text
    : `${text.slice(0, LONGEST)}\n(… ${text.length - LONGEST} characters more)`;
}
