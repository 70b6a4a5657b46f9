import { invalid } from '../../errors.ts';
import type { UserFilter } from '../../storage/repositories/list-users.ts';
import type { UserPool } from '../pools/user-pool.ts';
import { foldName } from './names.ts';
import { searchableAttributes } from './searchable.ts';

const FORM = /^\s*"?([a-z_:]{1,32})"?\s*(\^?=)\s*"((?:[^"\\]|\\["\\])*)"\s*$/;

/** ListUsers' `Filter`: `email = "a@b.c"` or `username ^= "jo"`, with `\"` for a quotation mark. */
export function readUserFilter(pool: UserPool, text: string | undefined): UserFilter | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const [, name, operator, quoted] = FORM.exec(text) ?? [];
  if (name === undefined || quoted === undefined || (operator !== '=' && operator !== '^=')) {
    throw invalid('Error while parsing filter.');
  }
  const value = quoted.replace(/\\(.)/g, '$1');
  if (name === 'username') return { on: 'username', operator, value: foldName(pool, value) };
  if (name === 'sub') return { on: 'sub', operator, value };
  if (name === 'cognito:user_status') return { on: 'status', operator, value: value.toUpperCase() };
  if (name === 'status') {
    if (value !== 'Enabled' && value !== 'Disabled') throw invalid('Error while parsing filter.');
    return { on: 'enabled', value: value === 'Enabled' };
  }
  if (!(searchableAttributes as readonly string[]).includes(name)) {
    throw invalid(`One or more requested attributes is not searchable: ${name}`);
  }
  return { on: 'attribute', name, operator, value };
}
