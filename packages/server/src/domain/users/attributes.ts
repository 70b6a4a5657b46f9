import type { AttributeType, SchemaAttributeType } from '@poolkeeper/model';
import {
  attributeNotMutable,
  attributeNotWritable,
  attributeTypeUnknown,
  attributeValueMissing,
  invalid,
} from '../../errors.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Attributes } from './user.ts';

const VERIFIED_FLAGS = ['email_verified', 'phone_number_verified'] as const;
const EMAIL = /^[^\s@]{1,64}@[^\s@.][^\s@]{0,252}$/u;
const E164 = /^\+[1-9]\d{1,14}$/;
const INTEGER_OR_DECIMAL = /^-?\d{1,15}(?:\.\d{1,15})?$/;
const TRUE_OR_FALSE = /^(?:true|false)$/i;
const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;
const LONGEST_TEXT = 2048;

export const looksLikeEmail = (text: string) => EMAIL.test(text);
export const looksLikePhoneNumber = (text: string) => E164.test(text);

type Writer = { client: AppClient } | 'admin';

/** Amazon Cognito words what is wrong with a new user's attributes in another way than with a change of them. */
type Occasion = 'creation' | 'update';

/**
 * The attributes of a request as a record, each checked against the pool's schema and the client's permission to write
 * it. An empty value is kept: it says that the attribute is to go.
 */
export function readAttributes(
  pool: UserPool,
  list: readonly AttributeType[] | undefined,
  writer: Writer,
  occasion: Occasion = 'creation',
): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const { Name: name, Value: value } of list ?? []) {
    requireWritable(name, writer, occasion);
    const schema = pool.schema.get(name);
    if (schema === undefined) throw notInSchema(name, occasion);
    if (value === undefined) throw attributeValueMissing(name);
    const problem = value === '' ? undefined : problemOf(name, value, schema);
    if (problem !== undefined) throw nonconforming(occasion, [`${name}: ${problem}`]);
    attributes[name] = schema.AttributeDataType === 'Boolean' ? value.toLowerCase() : value;
  }
  return attributes;
}

function requireWritable(name: string, writer: Writer, occasion: Occasion): void {
  const isFlag = (VERIFIED_FLAGS as readonly string[]).includes(name);
  if (name === 'sub') throw attributeNotMutable(name);
  if (writer === 'admin') return;
  if (isFlag && occasion === 'update') throw attributeNotMutable(name);
  const writable = writer.client.config.WriteAttributes;
  if (isFlag || (writable !== undefined && !writable.includes(name))) throw attributeNotWritable();
}

function problemOf(name: string, value: string, schema: SchemaAttributeType): string | undefined {
  if (name === 'email' && !looksLikeEmail(value)) throw invalid('Invalid email address format.');
  if (name === 'phone_number' && !looksLikePhoneNumber(value)) throw invalid('Invalid phone number format.');
  switch (schema.AttributeDataType) {
    case 'Boolean':
      return TRUE_OR_FALSE.test(value) ? undefined : 'Boolean must be true or false';
    case 'Number': {
      if (!INTEGER_OR_DECIMAL.test(value)) return 'Number is not valid';
      const { MinValue: min, MaxValue: max } = schema.NumberAttributeConstraints ?? {};
      if (min !== undefined && Number(value) < Number(min)) return `Number must be no less than ${min}`;
      if (max !== undefined && Number(value) > Number(max)) return `Number must be no greater than ${max}`;
      return undefined;
    }
    case 'DateTime':
      return isDateTime(value) ? undefined : 'DateTime is not valid';
    default: {
      const { MinLength: min, MaxLength: max } = schema.StringAttributeConstraints ?? {};
      if (min !== undefined && value.length < Number(min)) {
        return `String must be no shorter than ${min} characters`;
      }
      const most = Math.min(Number(max ?? LONGEST_TEXT), LONGEST_TEXT);
      return value.length > most ? `String must be no longer than ${most} characters` : undefined;
    }
  }
}

/** As RFC 3339, or a date alone: what else `Date` reads depends on the engine. */
function isDateTime(value: string): boolean {
  const [, year, month, day] = DATE_TIME.exec(value) ?? [];
  if (year === undefined || Number.isNaN(Date.parse(value))) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1;
}

/** The line feed at the end is Amazon Cognito's: each problem is a line. */
const nonconforming = (occasion: Occasion, problems: readonly string[]) =>
  occasion === 'creation'
    ? invalid(`Attributes did not conform to the schema: ${problems.map((line) => `${line}\n`).join('')}`)
    : invalid(problems.map((line) => `user.${line}\n`).join(''));

const notInSchema = (name: string, occasion: Occasion) =>
  occasion === 'creation'
    ? attributeTypeUnknown(name)
    : nonconforming(occasion, [`${name}: Attribute does not exist in the schema.`]);

/** The attributes that the schema requires and that are not there. */
export const missingAttributes = (pool: UserPool, attributes: Attributes): string[] =>
  [...pool.schema]
    .filter(([name, schema]) => schema.Required && name !== 'sub' && !attributes[name])
    .map(([name]) => name);

/** Throws InvalidParameterException unless a new user has every attribute that the schema requires. */
export function requireRequired(pool: UserPool, attributes: Attributes): void {
  const missing = missingAttributes(pool, attributes);
  if (missing.length === 0) return;
  const problems = missing.map((name) => `${name}: The attribute is required`);
  throw nonconforming('creation', problems);
}

/**
 * `current` with `changes` laid over it. A changed address is no longer verified, unless the change says so. What is
 * immutable is set when the user is created, or by who fills in what is required and missing.
 */
export function changedAttributes(
  pool: UserPool,
  current: Attributes,
  changes: Readonly<Record<string, string>>,
  options: { fillsIn?: boolean } = {},
): Attributes {
  const next: Record<string, string> = { ...current };
  for (const [name, value] of Object.entries(changes)) {
    const schema = pool.schema.get(name);
    const fills = options.fillsIn && schema?.Required && !current[name];
    if (schema?.Mutable === false && !fills) {
      throw nonconforming('update', [`${name}: Attribute cannot be updated.`]);
    }
    if (value === '' && schema?.Required) {
      throw nonconforming('update', [`${name}: The attribute is required`]);
    }
    if (value === '') delete next[name];
    else next[name] = value;
  }
  requireNameToSignIn(pool, next);
  for (const address of ['email', 'phone_number'] as const) {
    const changed = next[address] !== current[address];
    const flag = `${address}_verified`;
    if (next[address] === undefined) delete next[flag];
    else if (changed && changes[flag] === undefined) next[flag] = 'false';
  }
  return next;
}

/** Throws InvalidParameterException where users sign in by their addresses, and none is left. */
export function requireNameToSignIn(pool: UserPool, attributes: Attributes): void {
  const names = pool.config.UsernameAttributes;
  if (!names?.length || names.some((name) => attributes[name])) return;
  throw invalid(`A user of this pool needs ${names.join(' or ')} to sign in.`);
}

/** The names a client may read; undefined stands for all of them. */
export function readableBy(client: AppClient): ReadonlySet<string> | undefined {
  return client.config.ReadAttributes && new Set(client.config.ReadAttributes);
}
