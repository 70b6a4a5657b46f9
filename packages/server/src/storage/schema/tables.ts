import type { Database } from './database.ts';

type ColumnKind = 'text' | 'integer' | 'bytes';

interface Table<Name extends keyof Database> {
  readonly columns: { readonly [Column in keyof Database[Name]]-?: ColumnKind };
  /** Rows are unique by it and, for backups, read in its order. */
  readonly key: readonly (keyof Database[Name] & string)[];
}

/** Every table with every column: the compiler asks for what is missing. */
export const tables: { readonly [Name in keyof Database]: Table<Name> } = {
  user_pools: {
    columns: {
      id: 'text',
      name: 'text',
      config: 'text',
      settings: 'text',
      created_at: 'integer',
      updated_at: 'integer',
    },
    key: ['id'],
  },
  signing_keys: {
    columns: {
      pool_id: 'text',
      use: 'text',
      kid: 'text',
      public_jwk: 'text',
      sealed_private_key: 'bytes',
      created_at: 'integer',
    },
    key: ['pool_id', 'use'],
  },
  app_clients: {
    columns: {
      pool_id: 'text',
      id: 'text',
      name: 'text',
      config: 'text',
      sealed_secret: 'bytes',
      created_at: 'integer',
      updated_at: 'integer',
      secret_created_at: 'integer',
      second_sealed_secret: 'bytes',
      second_secret_created_at: 'integer',
    },
    key: ['pool_id', 'id'],
  },
  users: {
    columns: {
      pool_id: 'text',
      sub: 'text',
      username: 'text',
      status: 'text',
      enabled: 'integer',
      attributes: 'text',
      password_hash: 'text',
      sealed_verifier: 'bytes',
      temporary_until: 'integer',
      signed_out_at: 'integer',
      created_at: 'integer',
      updated_at: 'integer',
      sealed_factors: 'bytes',
      address_changes: 'text',
      invited_to: 'text',
    },
    key: ['pool_id', 'sub'],
  },
  sign_in_names: {
    columns: { pool_id: 'text', name: 'text', kind: 'text', sub: 'text' },
    key: ['pool_id', 'name'],
  },
  searchable_attributes: {
    columns: { pool_id: 'text', name: 'text', value: 'text', sub: 'text' },
    key: ['pool_id', 'name', 'value', 'sub'],
  },
  password_histories: {
    columns: { pool_id: 'text', sub: 'text', hashes: 'text' },
    key: ['pool_id', 'sub'],
  },
  attempts: {
    columns: {
      pool_id: 'text',
      sub: 'text',
      action: 'text',
      count: 'integer',
      window_ends_at: 'integer',
      digest: 'bytes',
      attribute: 'text',
      code_expires_at: 'integer',
    },
    key: ['pool_id', 'sub', 'action'],
  },
  messages: {
    columns: {
      pool_id: 'text',
      id: 'text',
      sub: 'text',
      username: 'text',
      channel: 'text',
      destination: 'text',
      trigger_source: 'text',
      sealed_content: 'bytes',
      status: 'text',
      attempts: 'integer',
      due_at: 'integer',
      expires_at: 'integer',
      created_at: 'integer',
      sent_at: 'integer',
      last_error: 'text',
      lane: 'text',
      record: 'text',
      provider_id: 'text',
      feedback: 'text',
    },
    key: ['pool_id', 'id'],
  },
  sessions: {
    columns: {
      pool_id: 'text',
      id: 'text',
      sub: 'text',
      client_id: 'text',
      refresh_digest: 'bytes',
      previous_digest: 'bytes',
      previous_until: 'integer',
      auth_time: 'integer',
      revoked: 'integer',
      created_at: 'integer',
      expires_at: 'integer',
    },
    key: ['pool_id', 'id'],
  },
  recoveries: {
    columns: {
      pool_id: 'text',
      id: 'text',
      operation: 'text',
      client_id: 'text',
      sub: 'text',
      username: 'text',
      outcome: 'text',
      details: 'text',
      times: 'integer',
      created_at: 'integer',
      last_at: 'integer',
      expires_at: 'integer',
    },
    key: ['pool_id', 'id'],
  },
  spent_challenges: {
    columns: { pool_id: 'text', id: 'text', expires_at: 'integer' },
    key: ['pool_id', 'id'],
  },
  access_keys: {
    columns: {
      id: 'text',
      name: 'text',
      kind: 'text',
      pool_id: 'text',
      sealed_secret: 'bytes',
      created_at: 'integer',
      revoked_at: 'integer',
    },
    key: ['id'],
  },
  sandbox_numbers: {
    columns: {
      phone_number: 'text',
      status: 'text',
      code_digest: 'bytes',
      code_expires_at: 'integer',
      attempts: 'integer',
      created_at: 'integer',
      updated_at: 'integer',
    },
    key: ['phone_number'],
  },
  deleted_pools: { columns: { pool_id: 'text', deleted_at: 'integer' }, key: ['pool_id'] },
  server_state: { columns: { name: 'text', value: 'text' }, key: ['name'] },
};

/** Named one by one in each query: a column that a newer node adds leaves this node's prepared statements as they are. */
export const columnsOf = <Name extends keyof Database>(name: Name) =>
  Object.keys(tables[name].columns) as (keyof Database[Name] & string)[];
