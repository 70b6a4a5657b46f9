import type { Migration } from './migration.ts';

export const secondClientSecrets: Migration = {
  name: '0006-second-client-secrets',
  phase: 'expand',
  statements: (schema, { blob, addedColumn }) => [
    schema.alterTable('app_clients').addColumn('secret_created_at', 'bigint', addedColumn),
    schema.alterTable('app_clients').addColumn('second_sealed_secret', blob, addedColumn),
    schema.alterTable('app_clients').addColumn('second_secret_created_at', 'bigint', addedColumn),
  ],
};
