import type { Migration } from './migration.ts';

export const firstTables: Migration = {
  name: '0001-first-tables',
  phase: 'expand',
  statements: (schema, { text, blob, clustered }) => [
    schema
      .createTable('user_pools')
      .ifNotExists()
      .addColumn('id', text, (column) => column.primaryKey().notNull())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('config', text, (column) => column.notNull())
      .addColumn('settings', text, (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull()),
    schema
      .createTable('signing_keys')
      .ifNotExists()
      .addColumn('pool_id', text, (column) => column.notNull())
      .addColumn('use', text, (column) => column.notNull())
      .addColumn('kid', text, (column) => column.notNull())
      .addColumn('public_jwk', text, (column) => column.notNull())
      .addColumn('sealed_private_key', blob, (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('signing_keys_pk', ['pool_id', 'use']),
    schema
      .createTable('app_clients')
      .ifNotExists()
      .addColumn('pool_id', text, (column) => column.notNull())
      .addColumn('id', text, (column) => column.notNull())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('config', text, (column) => column.notNull())
      .addColumn('sealed_secret', blob)
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('app_clients_pk', ['pool_id', 'id']),
    schema.createIndex('app_clients_by_id').ifNotExists().unique().on('app_clients').column('id'),
    schema
      .createTable('users')
      .ifNotExists()
      .addColumn('pool_id', text, (column) => column.notNull())
      .addColumn('sub', text, (column) => column.notNull())
      .addColumn('username', text, (column) => column.notNull())
      .addColumn('status', text, (column) => column.notNull())
      .addColumn('enabled', 'integer', (column) => column.notNull())
      .addColumn('attributes', text, (column) => column.notNull())
      .addColumn('password_hash', text)
      .addColumn('sealed_verifier', blob)
      .addColumn('temporary_until', 'bigint')
      .addColumn('signed_out_at', 'bigint', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('users_pk', ['pool_id', 'sub'])
      .$call(clustered),
    schema.createIndex('users_by_username').ifNotExists().on('users').columns(['pool_id', 'username', 'sub']),
    schema.createIndex('users_by_status').ifNotExists().on('users').columns(['pool_id', 'status', 'sub']),
    schema
      .createTable('sign_in_names')
      .ifNotExists()
      .addColumn('pool_id', text, (column) => column.notNull())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('kind', text, (column) => column.notNull())
      .addColumn('sub', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('sign_in_names_pk', ['pool_id', 'name'])
      .$call(clustered),
    schema
      .createIndex('sign_in_names_by_sub')
      .ifNotExists()
      .on('sign_in_names')
      .columns(['pool_id', 'sub', 'kind']),
    schema
      .createTable('searchable_attributes')
      .ifNotExists()
      .addColumn('pool_id', text, (column) => column.notNull())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('value', text, (column) => column.notNull())
      .addColumn('sub', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('searchable_attributes_pk', ['pool_id', 'name', 'value', 'sub'])
      .$call(clustered),
    schema
      .createIndex('searchable_attributes_by_sub')
      .ifNotExists()
      .on('searchable_attributes')
      .columns(['pool_id', 'sub']),
    schema
      .createTable('attempts')
      .ifNotExists()
      .addColumn('pool_id', text, (column) => column.notNull())
      .addColumn('sub', text, (column) => column.notNull())
      .addColumn('action', text, (column) => column.notNull())
      .addColumn('count', 'integer', (column) => column.notNull())
      .addColumn('window_ends_at', 'bigint', (column) => column.notNull())
      .addColumn('digest', blob)
      .addColumn('attribute', text)
      .addColumn('code_expires_at', 'bigint')
      .addPrimaryKeyConstraint('attempts_pk', ['pool_id', 'sub', 'action'])
      .$call(clustered),
    schema.createIndex('attempts_by_window').ifNotExists().on('attempts').column('window_ends_at'),
    schema
      .createTable('messages')
      .ifNotExists()
      .addColumn('pool_id', text, (column) => column.notNull())
      .addColumn('id', text, (column) => column.notNull())
      .addColumn('sub', text, (column) => column.notNull())
      .addColumn('username', text, (column) => column.notNull())
      .addColumn('channel', text, (column) => column.notNull())
      .addColumn('destination', text, (column) => column.notNull())
      .addColumn('trigger_source', text, (column) => column.notNull())
      .addColumn('sealed_content', blob, (column) => column.notNull())
      .addColumn('status', text, (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('due_at', 'bigint')
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('sent_at', 'bigint')
      .addColumn('last_error', text)
      .addPrimaryKeyConstraint('messages_pk', ['pool_id', 'id'])
      .$call(clustered),
    // Only what still has to be sent is in it: small, however many messages are kept.
    schema
      .createIndex('messages_by_due')
      .ifNotExists()
      .on('messages')
      .column('due_at')
      .where('due_at', 'is not', null),
    schema.createIndex('messages_by_creation').ifNotExists().on('messages').column('created_at'),
    schema
      .createTable('sessions')
      .ifNotExists()
      .addColumn('pool_id', text, (column) => column.notNull())
      .addColumn('id', text, (column) => column.notNull())
      .addColumn('sub', text, (column) => column.notNull())
      .addColumn('client_id', text, (column) => column.notNull())
      .addColumn('refresh_digest', blob, (column) => column.notNull())
      .addColumn('previous_digest', blob)
      .addColumn('previous_until', 'bigint')
      .addColumn('auth_time', 'bigint', (column) => column.notNull())
      .addColumn('revoked', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('sessions_pk', ['pool_id', 'id']),
    schema.createIndex('sessions_by_sub').ifNotExists().on('sessions').columns(['pool_id', 'sub']),
    schema.createIndex('sessions_by_expiry').ifNotExists().on('sessions').column('expires_at'),
    schema
      .createTable('spent_challenges')
      .ifNotExists()
      .addColumn('pool_id', text, (column) => column.notNull())
      .addColumn('id', text, (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('spent_challenges_pk', ['pool_id', 'id'])
      .$call(clustered),
    schema
      .createIndex('spent_challenges_by_expiry')
      .ifNotExists()
      .on('spent_challenges')
      .column('expires_at'),
  ],
};
