import type { Migration } from './migration.ts';

export const secondFactors: Migration = {
  name: '0005-second-factors',
  phase: 'expand',
  statements: (schema, { blob, addedColumn }) => [
    schema.alterTable('users').addColumn('sealed_factors', blob, addedColumn),
  ],
};
