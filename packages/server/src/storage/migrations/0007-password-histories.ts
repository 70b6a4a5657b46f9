import type { Migration } from './migration.ts';

export const passwordHistories: Migration = {
  name: '0007-password-histories',
  phase: 'expand',
  statements: (schema, { text }) => [
    schema
      .createTable('password_histories')
      .ifNotExists()
      .addColumn('pool_id', text, (column) => column.notNull())
      .addColumn('sub', text, (column) => column.notNull())
      .addColumn('hashes', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('password_histories_pk', ['pool_id', 'sub']),
  ],
};
