import type { House } from './house.ts';
import type { Ledger } from './ledger.ts';
import type { Acknowledged } from './load.ts';

interface Message {
  readonly id: string;
  readonly username: string;
  readonly status: 'queued' | 'sent' | 'failed';
  readonly attempts: number;
  readonly last_error: string | null;
  readonly created_at: number | string;
  readonly sent_at: number | string | null;
}

/** The messages of some users, oldest first. */
async function messagesOf(house: House, prefix: string): Promise<Map<string, Message[]>> {
  const rows = (await house.rows(
    `select id, username, status, attempts, last_error, created_at, sent_at from messages
     where username like '${prefix}%' order by id`,
  )) as unknown as Message[];
  return Map.groupBy(rows, ({ username }) => username) as Map<string, Message[]>;
}

/** What the database has of a round: a code for everybody who was told of one, and a message for each time. */
export async function checkRows(house: House, ledger: Ledger, done: Acknowledged): Promise<void> {
  const messages = await messagesOf(house, `r${done.round}-`);
  const codes = await house.rows(
    `select users.username, attempts.action, attempts.digest is not null as live from attempts
     join users on users.pool_id = attempts.pool_id and users.sub = attempts.sub
     where users.username like 'r${done.round}-%'`,
  );
  const live = new Set(
    codes.filter((row) => row['live']).map((row) => `${row['action']} ${row['username']}`),
  );
  const raced = new Set(done.races.map(({ user }) => user));
  for (const [user, { sent, acknowledged }] of done.forgot) {
    const count = messages.get(user)?.length ?? 0;
    if (count < acknowledged)
      ledger.lost(`${user}: ${acknowledged} codes acknowledged, ${count} messages stored`);
    if (count > sent) ledger.doubled(`${user}: ${sent} codes asked for, ${count} messages stored`);
    if (acknowledged > 0 && !raced.has(user) && !live.has(`reset-password ${user}`)) {
      ledger.lost(`${user}: a code was acknowledged and none is live`);
    }
  }
  const names = await house.rows(
    `select sign_in_names.name from sign_in_names
     join users on users.pool_id = sign_in_names.pool_id and users.sub = sign_in_names.sub
     where sign_in_names.name like 'r${done.round}-new-%'`,
  );
  const known = new Set(names.map((row) => row['name']));
  for (const user of done.signUps) {
    if (!known.has(user)) ledger.lost(`${user}: the sign-up was acknowledged and nobody has the name`);
    if (!live.has(`confirm-sign-up ${user}`)) ledger.lost(`${user}: the sign-up has no code`);
    if (messages.get(user)?.length !== 1)
      ledger.lost(`${user}: ${messages.get(user)?.length} messages, not one`);
  }
}

/** Says what still has to be sent. */
export async function queued(house: House): Promise<number> {
  const [row] = await house.rows("select count(*) as n from messages where status = 'queued'");
  return Number(row?.['n'] ?? 0);
}

/**
 * Every message that counts as sent has come, and none was given up that somebody still waits for. Where time means
 * nothing (`timed` is false) it does not tell which of a user's messages is the newest, but one has to have come.
 */
export async function checkDeliveries(
  house: House,
  ledger: Ledger,
  { used, timed }: { used: ReadonlySet<string>; timed: boolean },
): Promise<void> {
  for (const [user, messages] of await messagesOf(house, 'r')) {
    const newest = messages.findLast(({ status }) => timed || status === 'sent');
    for (const message of messages) {
      const { id, status, created_at, sent_at } = message;
      // Whose code was used or replaced by a later one need not come any more.
      const outdated = used.has(user) || (newest !== undefined && message !== newest);
      if (status === 'sent' && house.mailbox.timesOf(id) === 0) {
        ledger.lost(`${user}: message ${id} counts as sent and never came`);
      } else if (status === 'failed' && !(outdated && message.last_error?.startsWith('Its code was used'))) {
        ledger.lost(`${user}: message ${id} failed: ${message.last_error}`);
      } else if (status === 'queued') {
        ledger.lost(`${user}: message ${id} is still queued after ${message.attempts} attempts`);
      }
      if (timed && status === 'sent') ledger.delivered(Number(sent_at) - Number(created_at));
    }
  }
}
