import type { AttributeType, SchemaAttributeType } from '@poolkeeper/model';
import { attributeNotWritable, invalid } from '../../errors.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Attributes } from './user.ts';

const VERIFIED_FLAGS = ['email_verified', 'phone_number_verified'] as const;
const EMAIL = /^[^\s@]{1,64}@[^\s@.][^\s@]{0,252}$/u;
const E164 = /^\+[1-9]\d{1,14}$/;
const INTEGER_OR_DECIMAL = /^-?\d{1,15}(?:\.\d{1,15})?$/;
const TRUE_OR_FALSE = /^(?:true|false)$/i;

export const looksLikeEmail = (text: string) => EMAIL.test(text);
export const looksLikePhoneNumber = (text: string) => E164.test(text);

type Writer = { client: AppClient } | 'admin';

/**
 * The attributes of a request as a record, each checked against the pool's schema and the client's permission to write
 * it. An empty value is kept: it says that the attribute is to go.
 */
export function readAttributes(
  pool: UserPool,
  list: readonly AttributeType[] | undefined,
  writer: Writer,
): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const { Name: name, Value: value = '' } of list ?? []) {
    const schema = pool.schema.get(name);
    if (schema === undefined) throw nonconforming(`${name}: Attribute does not exist in the schema.`);
    if (name === 'sub') throw invalid('Cannot modify the non-mutable attribute sub');
    requireWritable(name, writer);
    if (value !== '') checkValue(name, value, schema);
    attributes[name] = schema.AttributeDataType === 'Boolean' ? value.toLowerCase() : value;
  }
  return attributes;
}

function requireWritable(name: string, writer: Writer): void {
  if (writer === 'admin') return;
  const writable = writer.client.config.WriteAttributes;
  const isFlag = (VERIFIED_FLAGS as readonly string[]).includes(name);
  if (isFlag || (writable !== undefined && !writable.includes(name))) {
    throw attributeNotWritable();
  }
}

function checkValue(name: string, value: string, schema: SchemaAttributeType): void {
  if (value.length > 2048) throw nonconforming(`${name}: String must be no longer than 2048 characters`);
  if (name === 'email' && !looksLikeEmail(value)) throw invalid('Invalid email address format.');
  if (name === 'phone_number' && !looksLikePhoneNumber(value)) throw invalid('Invalid phone number format.');
  switch (schema.AttributeDataType) {
    case 'Boolean':
      if (!TRUE_OR_FALSE.test(value)) throw nonconforming(`${name}: Boolean must be true or false`);
      return;
    case 'Number': {
      if (!INTEGER_OR_DECIMAL.test(value)) throw nonconforming(`${name}: Number is not valid`);
      const { MinValue: min, MaxValue: max } = schema.NumberAttributeConstraints ?? {};
      if (min !== undefined && Number(value) < Number(min))
        throw nonconforming(`${name}: Number must be no less than ${min}`);
      if (max !== undefined && Number(value) > Number(max))
        throw nonconforming(`${name}: Number must be no greater than ${max}`);
      return;
    }
    case 'DateTime':
      if (Number.isNaN(Date.parse(value))) throw nonconforming(`${name}: DateTime is not valid`);
      return;
    default: {
      const { MinLength: min, MaxLength: max } = schema.StringAttributeConstraints ?? {};
      if (min !== undefined && value.length < Number(min)) {
        throw nonconforming(`${name}: String must be no shorter than ${min} characters`);
      }
      if (max !== undefined && value.length > Number(max)) {
        throw nonconforming(`${name}: String must be no longer than ${max} characters`);
      }
    }
  }
}

// The line feed at the end is Amazon Cognito's: each problem is a line.
const nonconforming = (problem: string) => invalid(`Attributes did not conform to the schema: ${problem}\n`);

/** The attributes that the schema requires and that are not there. */
export const missingAttributes = (pool: UserPool, attributes: Attributes): string[] =>
  [...pool.schema]
    .filter(([name, schema]) => schema.Required && name !== 'sub' && !attributes[name])
    .map(([name]) => name);

/** Throws InvalidParameterException unless every attribute that the schema requires is there. */
export function requireRequired(pool: UserPool, attributes: Attributes): void {
  const [missing] = missingAttributes(pool, attributes);
  if (missing !== undefined) throw nonconforming(`${missing}: The attribute is required`);
}

/** `current` with `changes` laid over it. A changed address is no longer verified, unless the change says so. */
export function changedAttributes(
  pool: UserPool,
  current: Attributes,
  changes: Readonly<Record<string, string>>,
): Attributes {
  const next: Record<string, string> = { ...current };
  for (const [name, value] of Object.entries(changes)) {
    const schema = pool.schema.get(name);
    if (schema?.Mutable === false && current[name] !== value) {
      throw invalid(`user.${name}: Attribute cannot be updated.\n`);
    }
    if (value === '' && schema?.Required) throw nonconforming(`${name}: The attribute is required`);
    if (value === '') delete next[name];
    else next[name] = value;
  }
  const names = pool.config.UsernameAttributes;
  if (names?.length && !names.some((name) => next[name])) {
    throw invalid(`A user of this pool needs ${names.join(' or ')} to sign in.`);
  }
  for (const address of ['email', 'phone_number'] as const) {
    const changed = next[address] !== current[address];
    const flag = `${address}_verified`;
    if (next[address] === undefined) delete next[flag];
    else if (changed && changes[flag] === undefined) next[flag] = 'false';
  }
  return next;
}

/** The names a client may read; undefined stands for all of them. */
export function readableBy(client: AppClient): ReadonlySet<string> | undefined {
  return client.config.ReadAttributes && new Set(client.config.ReadAttributes);
}
