import { randomBytes } from 'node:crypto';
import { createKeyring } from '../../packages/server/src/platform/keyring.ts';
import { hashPassword } from '../../packages/server/src/platform/password-hash.ts';
import type { Database } from '../../packages/server/src/storage/schema/database.ts';
import { columnsOf } from '../../packages/server/src/storage/schema/tables.ts';
import type { SqlValue } from '../../packages/server/src/storage/unit.ts';
import { attributesOf, emailOf, enabledOf, nameOf, statusOf, subOf, usernameOf } from './users.ts';

/** What the rows of every user share. */
interface Common {
  readonly poolId: string;
  readonly clientId: string;
  /** One real hash, which lets all of them sign in with one password: a hash is not bound to its user. */
  readonly passwordHash: string;
  /** Of the right size; it opens for nobody. */
  readonly sealedVerifier: Uint8Array;
  /** As large as a reset message sealed by the server. */
  readonly sealedContent: Uint8Array;
  readonly now: number;
  /** Every user confirmed and enabled. */
  readonly uniform: boolean;
}

export const PASSWORD = 'Passw0rd!scale';
/** An SRP verifier and its salt. */
const VERIFIER_BYTES = 401;

export async function commonOf(
  poolId: string,
  clientId: string,
  options: { uniform: boolean },
): Promise<Common> {
  const { seal } = createKeyring(randomBytes(32));
  const content = {
    subject: 'Your verification code',
    body: 'Your password reset code is 123456',
    code: '123456',
    purpose: 'reset-password',
  };
  return {
    poolId,
    clientId,
    passwordHash: await hashPassword(PASSWORD),
    sealedVerifier: seal('', randomBytes(VERIFIER_BYTES)),
    sealedContent: seal('', JSON.stringify(content)),
    now: Date.now(),
    ...options,
  };
}

type Row = Readonly<Record<string, SqlValue>>;

/** One kind of row, of which a user has one or, where `every` is more than 1, one user of so many. */
interface Kind {
  readonly table: keyof Database & string;
  readonly every: number;
  /** What the primary key sorts by. */
  readonly order: 'number' | 'sub' | 'email' | 'name';
  row(common: Common, index: number): Row;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const digest = new Uint8Array(32).fill(1);
/** From 0 up to 1, evenly spread however few users there are. */
const spread = (index: number) => (index * 0.618_033_988_749_895) % 1;
const ordered = (at: number, index: number) =>
  `${at.toString(16).padStart(12, '0').replace(/^.{8}/, '$&-')}-7000-a000-${String(index).padStart(12, '0')}`;

const kinds: readonly Kind[] = [
  {
    table: 'users',
    every: 1,
    order: 'sub',
    row: (common, index) => ({
      pool_id: common.poolId,
      sub: subOf(index),
      username: usernameOf(index),
      status: common.uniform ? 'CONFIRMED' : statusOf(index),
      enabled: common.uniform ? 1 : enabledOf(index),
      attributes: attributesOf(index),
      password_hash: common.passwordHash,
      sealed_verifier: common.sealedVerifier,
      sealed_factors: null,
      address_changes: null,
      invited_to: null,
      temporary_until: null,
      signed_out_at: 0,
      created_at: common.now,
      updated_at: common.now,
    }),
  },
  {
    table: 'sign_in_names',
    every: 1,
    order: 'number',
    row: ({ poolId }, index) => ({
      pool_id: poolId,
      name: usernameOf(index),
      kind: 'username',
      sub: subOf(index),
    }),
  },
  {
    table: 'sign_in_names',
    every: 1,
    order: 'email',
    row: ({ poolId }, index) => ({ pool_id: poolId, name: emailOf(index), kind: 'email', sub: subOf(index) }),
  },
  {
    table: 'searchable_attributes',
    every: 1,
    order: 'email',
    row: ({ poolId }, index) => ({
      pool_id: poolId,
      name: 'email',
      value: emailOf(index),
      sub: subOf(index),
    }),
  },
  {
    table: 'searchable_attributes',
    every: 1,
    order: 'name',
    row: ({ poolId }, index) => ({ pool_id: poolId, name: 'name', value: nameOf(index), sub: subOf(index) }),
  },
  {
    table: 'attempts',
    every: 10,
    order: 'sub',
    row: ({ poolId, now }, index) => ({
      pool_id: poolId,
      sub: subOf(index),
      action: 'reset-password',
      count: 1,
      window_ends_at: now + HOUR - Math.floor(spread(index) * 20 * HOUR),
      digest,
      attribute: 'email',
      code_expires_at: now,
    }),
  },
  {
    table: 'messages',
    every: 5,
    order: 'number',
    row: ({ poolId, sealedContent, now }, index) => {
      const at = now - 6 * DAY + (index % 500_000_000);
      return {
        pool_id: poolId,
        id: ordered(at, index),
        sub: subOf(index),
        username: usernameOf(index),
        channel: 'EMAIL',
        destination: emailOf(index),
        trigger_source: 'CustomMessage_ForgotPassword',
        sealed_content: sealedContent,
        status: 'sent',
        attempts: 0,
        due_at: null,
        expires_at: now + 2000 * DAY,
        created_at: at,
        sent_at: at,
        last_error: null,
        lane: 'EMAIL',
        record: JSON.stringify([{ at, channel: 'smtp:smtp.example.com:587', outcome: 'accepted' }]),
        provider_id: null,
        feedback: null,
      };
    },
  },
  {
    table: 'sessions',
    every: 1,
    order: 'sub',
    row: ({ poolId, clientId, now }, index) => ({
      pool_id: poolId,
      id: subOf(index).replace('-4', '-7'),
      sub: subOf(index),
      client_id: clientId,
      refresh_digest: digest,
      previous_digest: null,
      previous_until: null,
      auth_time: Math.floor(now / 1000),
      revoked: 0,
      created_at: now,
      expires_at: now + Math.floor(spread(index) * 30 * DAY),
    }),
  },
];

/** What a filler works through, one after the other. */
export interface Load {
  readonly table: string;
  readonly columns: readonly string[];
  readonly every: number;
  readonly order: Kind['order'];
  /** In the order of `columns`; undefined for who has none. */
  values(index: number): SqlValue[];
}

export const loadsOf = (common: Common, tables?: readonly string[]): Load[] =>
  kinds
    .filter(({ table }) => tables?.includes(table) ?? true)
    .map(({ table, every, order, row }) => {
      const columns = columnsOf(table) as readonly string[];
      return {
        table,
        columns,
        every,
        order,
        values: (index) => {
          const values = row(common, index);
          return columns.map((column) => values[column] as SqlValue);
        },
      };
    });

/** How many rows of a table a user has. */
export const rowsPerUser = (table: string) =>
  kinds.filter((kind) => kind.table === table).reduce((sum, { every }) => sum + 1 / every, 0);
