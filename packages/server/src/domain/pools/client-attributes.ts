import { clientAttributesInvalid } from '../../errors.ts';
import type { ClientConfig } from './client-config.ts';
import type { UserPool } from './user-pool.ts';

const NOBODY_WRITES = ['sub', 'email_verified', 'phone_number_verified'];

/**
 * Throws InvalidParameterException when a client is given rights on attributes that the pool does not have, or to write
 * what no client may, or not to write what every user must have (measured on AWS, and documented there).
 */
export function requireGrantable(
  pool: UserPool,
  { ReadAttributes, WriteAttributes }: ClientConfig,
  doing: 'creating' | 'updating',
): void {
  const isKnown = (name: string) => pool.schema.has(name);
  if (ReadAttributes?.every(isKnown) === false) throw clientAttributesInvalid('read', doing);
  if (WriteAttributes === undefined) return;
  const required = [...pool.schema].filter(([name, { Required }]) => Required && name !== 'sub');
  const isRight =
    WriteAttributes.every((name) => isKnown(name) && !NOBODY_WRITES.includes(name)) &&
    required.every(([name]) => WriteAttributes.includes(name));
  if (!isRight) throw clientAttributesInvalid('write', doing);
}
