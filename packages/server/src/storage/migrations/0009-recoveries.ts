import type { Migration } from './migration.ts';

export const recoveries: Migration = {
  name: '0009-recoveries',
  phase: 'expand',
  statements: (schema, { text, clustered, addedColumn }) => [
    schema.alterTable('users').addColumn('invited_to', text, addedColumn),
    schema
      .createTable('recoveries')
      .ifNotExists()
      .addColumn('pool_id', text, (column) => column.notNull())
      .addColumn('id', text, (column) => column.notNull())
      .addColumn('operation', text, (column) => column.notNull())
      .addColumn('client_id', text)
      .addColumn('sub', text, (column) => column.notNull())
      .addColumn('username', text, (column) => column.notNull())
      .addColumn('outcome', text, (column) => column.notNull())
      .addColumn('details', text, (column) => column.notNull())
      .addColumn('times', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('last_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('recoveries_pk', ['pool_id', 'id'])
      .$call(clustered),
    // Both grow at their end alone, so they cost a request next to nothing; one by user would cost it a page of its own.
    schema.createIndex('recoveries_by_id').ifNotExists().on('recoveries').column('id'),
    schema.createIndex('recoveries_by_expiry').ifNotExists().on('recoveries').column('expires_at'),
  ],
};
