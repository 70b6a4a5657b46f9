import type { Migration } from './migration.ts';

export const addressChanges: Migration = {
  name: '0008-address-changes',
  phase: 'expand',
  statements: (schema, { text, addedColumn }) => [
    schema.alterTable('users').addColumn('address_changes', text, addedColumn),
  ],
};
