import { sql } from 'kysely';
import type { Migration } from './migration.ts';

/** Few are: the index of them costs nothing, and spares who lists them to walk all users. */
export const disabledUsers: Migration = {
  name: '0004-disabled-users',
  phase: 'expand',
  statements: (schema) => [
    schema
      .createIndex('users_disabled')
      .ifNotExists()
      .on('users')
      .columns(['pool_id', 'username', 'sub'])
      .where(sql.ref('enabled'), '=', 0),
  ],
};
