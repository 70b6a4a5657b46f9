import {
  deleteSearchableAttribute,
  insertSearchableAttribute,
} from '../../storage/repositories/searchable-attributes.ts';
import type { Unit } from '../../storage/unit.ts';
import type { Attributes } from './user.ts';

/** What ListUsers filters by, beside username, sub and status. */
export const searchableAttributes = [
  'email',
  'phone_number',
  'name',
  'given_name',
  'family_name',
  'preferred_username',
] as const;

/** Keeps the rows that ListUsers' filters read in step with a user's attributes. */
export async function indexAttributes(
  unit: Unit,
  owner: { poolId: string; sub: string },
  before: Attributes,
  after: Attributes,
): Promise<void> {
  for (const name of searchableAttributes) {
    const value = after[name];
    if (before[name] === value) continue;
    if (before[name] !== undefined) await deleteSearchableAttribute.run(unit, { ...owner, name });
    if (value !== undefined) await insertSearchableAttribute.run(unit, { ...owner, name, value });
  }
}
