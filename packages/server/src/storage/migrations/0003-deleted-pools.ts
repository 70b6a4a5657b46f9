import type { Migration } from './migration.ts';

export const deletedPools: Migration = {
  name: '0003-deleted-pools',
  phase: 'expand',
  statements: (schema, { text }) => [
    schema
      .createTable('deleted_pools')
      .ifNotExists()
      .addColumn('pool_id', text, (column) => column.primaryKey().notNull())
      .addColumn('deleted_at', 'bigint', (column) => column.notNull()),
  ],
};
