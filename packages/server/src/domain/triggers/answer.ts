import type { ServiceError } from '../../errors.ts';

/** An answer that is not what its trigger takes. The message says what was wrong, for operators: no value is repeated. */
export class BadAnswer extends Error {
  /** What the caller is told, where Amazon Cognito has an error of its own for it. */
  readonly told: ServiceError | undefined;
  constructor(message: string, told?: ServiceError) {
    super(message);
    this.told = told;
  }
}

/** Tells operators of an answer that was taken, and yet not followed. */
export type Remark = (reason: string) => void;

/** A function answers with its whole event; Amazon Cognito does not recognise one that lacks these. */
const KEPT = ['version', 'region', 'userPoolId', 'userName', 'callerContext', 'response'] as const;

/** The `response` of an answer in JSON. Throws `BadAnswer`, and a SyntaxError for what is not JSON. */
export function responseIn(text: string): Members {
  const answer: unknown = JSON.parse(text);
  // A function that returns nothing answers null.
  if (answer === null) throw new SyntaxError('null');
  const event = membersOf(answer, 'The answer');
  const missing = KEPT.find((name) => event[name] === undefined);
  if (missing !== undefined) {
    throw new BadAnswer(
      `The answer must be the event that came, with its response filled in: ${missing} is missing.`,
    );
  }
  return membersOf(event['response'], 'response');
}

/** Members of an object in an answer, not looked at yet. */
export type Members = Readonly<Record<string, unknown>>;

/** Reads a member; `name` is its path, for the complaint. Null and a member that is not there are the same. */
export type MemberReader<Value> = (value: unknown, name: string) => Value;

export function membersOf(value: unknown, name: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw not(value, name, 'an object');
  return value as Members;
}

export const optional =
  <Value>(read: MemberReader<Value>): MemberReader<Value | undefined> =>
  (value, name) =>
    value === undefined || value === null ? undefined : read(value, name);

export const text: MemberReader<string> = (value, name) => {
  if (typeof value !== 'string') throw not(value, name, 'a text');
  return value;
};

export const boolean: MemberReader<boolean> = (value, name) => {
  if (typeof value !== 'boolean') throw not(value, name, 'true or false');
  return value;
};

/** Members of a list or a map, far more than any trigger takes: reading millions would take a second of everybody's. */
const MOST_MEMBERS = 10_000;

function requireFew(count: number, name: string): void {
  if (count <= MOST_MEMBERS) return;
  throw new BadAnswer(`${name.slice(0, 200)} must not have more than ${MOST_MEMBERS} members.`);
}

export const listOf =
  <Value>(read: MemberReader<Value>): MemberReader<readonly Value[]> =>
  (value, name) => {
    if (!Array.isArray(value)) throw not(value, name, 'a list');
    requireFew(value.length, name);
    return value.map((item, index) => read(item, `${name}[${index}]`));
  };

export const mapOf =
  <Value>(read: MemberReader<Value>): MemberReader<Readonly<Record<string, Value>>> =>
  (value, name) => {
    const members = membersOf(value, name);
    requireFew(Object.keys(members).length, name);
    return Object.fromEntries(
      Object.entries(members).map(([key, member]) => [key, read(member, `${name}.${key}`)]),
    );
  };

function not(value: unknown, name: string, wanted: string): BadAnswer {
  const type = typeof value;
  const kind =
    value === null ? 'null' : Array.isArray(value) ? 'a list' : type === 'object' ? 'an object' : `a ${type}`;
  return new BadAnswer(
    `${name.slice(0, 200)} must be ${wanted}, not ${value === undefined ? 'missing' : kind}.`,
  );
}
