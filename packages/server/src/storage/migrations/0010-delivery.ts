import { sql } from 'kysely';
import type { Migration } from './migration.ts';

export const delivery: Migration = {
  name: '0010-delivery',
  phase: 'expand',
  statements: (schema, { text, blob, clustered, addedColumn }) => [
    schema.alterTable('messages').addColumn('lane', text, addedColumn),
    schema.alterTable('messages').addColumn('record', text, addedColumn),
    schema.alterTable('messages').addColumn('provider_id', text, addedColumn),
    schema.alterTable('messages').addColumn('feedback', text, addedColumn),
    // Only what still has to be sent is in it, apart by lane: a lane that is full is never read past.
    schema
      .createIndex('messages_by_lane')
      .ifNotExists()
      .on('messages')
      .columns(['lane', 'due_at'])
      .where('due_at', 'is not', null),
    // The same a pool at a time: one pool's thousands keep none of another's waiting.
    schema
      .createIndex('messages_by_lane_and_pool')
      .ifNotExists()
      .on('messages')
      .columns(['lane', 'pool_id', 'due_at'])
      .where('due_at', 'is not', null),
    schema
      .createIndex('messages_dead')
      .ifNotExists()
      .on('messages')
      .column('expires_at')
      .where(sql.ref('lane'), '=', sql.lit('DEAD')),
    schema
      .createIndex('messages_by_provider_id')
      .ifNotExists()
      .on('messages')
      .column('provider_id')
      .where('provider_id', 'is not', null),
    schema
      .createTable('sandbox_numbers')
      .ifNotExists()
      .addColumn('phone_number', text, (column) => column.primaryKey().notNull())
      .addColumn('status', text, (column) => column.notNull())
      .addColumn('code_digest', blob)
      .addColumn('code_expires_at', 'bigint')
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .$call(clustered),
  ],
};
