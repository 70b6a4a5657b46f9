import type { Migration } from './migration.ts';

export const accessKeys: Migration = {
  name: '0002-access-keys',
  phase: 'expand',
  statements: (schema, { text, blob }) => [
    schema
      .createTable('access_keys')
      .ifNotExists()
      .addColumn('id', text, (column) => column.primaryKey().notNull())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('kind', text, (column) => column.notNull())
      .addColumn('pool_id', text)
      .addColumn('sealed_secret', blob, (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('revoked_at', 'bigint'),
  ],
};
