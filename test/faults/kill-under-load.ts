import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SMTPServer } from 'smtp-server';
import { urlOf } from '../bench/processes.ts';
import { seed } from '../bench/seed.ts';

/**
 * `kill -9` under load: a server that answers ForgotPassword is killed at a random moment, started again and asked for
 * everything it had answered. The ledger is kept out here: who got a 200.
 */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const ROUNDS = Number(values.rounds);
const CONNECTIONS = 32;
const USERS_A_ROUND = 1500;
/** Codes tried in full each round; each costs a password hash. The others are compared with the database. */
const TRIED_A_ROUND = 20;
const NEW_PASSWORD = 'Passw0rd!after-the-crash';

const mails = new Map<string, string[]>();
const smtp = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  onData(stream, session, done) {
    const to = session.envelope.rcptTo[0]?.address ?? '';
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    stream.on('end', () => {
      mails.set(to, [...(mails.get(to) ?? []), text]);
      done();
    });
  },
});
// A killed server leaves its connections in the middle of a word.
smtp.on('error', () => {});
smtp.listen(0, '127.0.0.1');
await once(smtp.server, 'listening');
const smtpPort = (smtp.server.address() as AddressInfo).port;

const data = mkdtempSync(join(tmpdir(), 'poolkeeper-faults-'));
console.log(`Seeding ${ROUNDS * USERS_A_ROUND} users …`);
const { poolId, clientId } = await seed(data, ROUNDS * USERS_A_ROUND);

let acknowledgedInAll = 0;
const problems = new Set<string>();
const used = new Set<string>();
for (let round = 0; round < ROUNDS; round += 1) {
  const acknowledged = await loadAndKill(round);
  acknowledgedInAll += acknowledged.length;
  checkDatabase(acknowledged);
  const { server, url } = await start();
  const tried = await tryCodes(url, acknowledged);
  await kill(server, 'SIGTERM');
  console.log(
    `Round ${round + 1}/${ROUNDS}: ${acknowledged.length} answered, ${tried} codes used, ${problems.size} problems`,
  );
}
await deliverRest();
smtp.close();
rmSync(data, { recursive: true, force: true });

console.log(`${acknowledgedInAll} acknowledged requests over ${ROUNDS} kills; ${problems.size} lost.`);
for (const problem of [...problems].slice(0, 20)) console.log(`  ${problem}`);
process.exit(problems.size === 0 && acknowledgedInAll > ROUNDS ? 0 : 1);

async function start(): Promise<{ server: ChildProcess; url: string }> {
  const email = `smtp://127.0.0.1:${smtpPort}?from=no-reply@example.com`;
  const server = spawn(
    process.execPath,
    [
      '--conditions=poolkeeper-source',
      'packages/server/src/main.ts',
      'start',
      '--port',
      '0',
      '--data',
      data,
      '--email',
      email,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return { server, url: await urlOf(server) };
}

async function kill(server: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  server.kill(signal);
  if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
}

/** Who was answered 200 before the server died. */
async function loadAndKill(round: number): Promise<string[]> {
  const { server, url } = await start();
  const acknowledged: string[] = [];
  let next = round * USERS_A_ROUND;
  const end = next + USERS_A_ROUND;
  let dead = false;
  const clients = Array.from({ length: CONNECTIONS }, async () => {
    while (!dead && next < end) {
      const user = `user-${next}`;
      next += 1;
      const status = await call(url, 'ForgotPassword', { ClientId: clientId, Username: user }).catch(() => 0);
      if (status === 200) acknowledged.push(user);
    }
  });
  await sleep(randomInt(60, 500));
  await kill(server, 'SIGKILL');
  dead = true;
  await Promise.all(clients);
  return acknowledged;
}

async function call(url: string, operation: string, input: object): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify(input),
  });
  await response.text();
  return response.status;
}

/** The database opens, is whole, and has the code and the message of everybody who was answered. */
function checkDatabase(acknowledged: readonly string[]): void {
  const db = new DatabaseSync(join(data, 'poolkeeper.db'));
  const [integrity] = Object.values(db.prepare('PRAGMA integrity_check').get() ?? {});
  if (integrity !== 'ok') problems.add(`integrity_check: ${integrity}`);
  // Nothing in the server looks a message up by its user; without this the check would take minutes.
  db.exec('create index messages_by_sub on messages (pool_id, sub)');
  const find = db.prepare(
    `select messages.status, attempts.digest is not null as live from users
     left join attempts on attempts.pool_id = users.pool_id and attempts.sub = users.sub and attempts.action = 'reset-password'
     left join messages on messages.pool_id = users.pool_id and messages.sub = users.sub
     where users.pool_id = ? and users.username = ?`,
  );
  for (const user of acknowledged) {
    const row = find.get(poolId, user) as { status: string | null; live: number } | undefined;
    if (row?.live !== 1) problems.add(`${user} was answered and has no code`);
    if (row?.status !== 'queued' && row?.status !== 'sent') {
      problems.add(`${user} was answered and the message is ${row?.status}`);
    }
    if (row?.status === 'sent' && !mails.has(`${user}@example.com`)) {
      problems.add(`${user}: the message counts as sent and never came`);
    }
  }
  db.exec('drop index messages_by_sub');
  db.close();
}

/** Uses the codes of some, as they are in the inbox: the last answered before the kill, and others at random. */
async function tryCodes(url: string, acknowledged: readonly string[]): Promise<number> {
  const some = new Set(acknowledged.slice(-TRIED_A_ROUND / 2));
  while (some.size < Math.min(TRIED_A_ROUND, acknowledged.length)) {
    some.add(acknowledged[randomInt(acknowledged.length)] as string);
  }
  await Promise.all(
    [...some].map(async (user) => {
      const response = await fetch(`${url}/_poolkeeper/messages?to=${user}@example.com`);
      const { messages } = (await response.json()) as { messages: { code: string }[] };
      const status = await call(url, 'ConfirmForgotPassword', {
        ClientId: clientId,
        Username: user,
        ConfirmationCode: messages[0]?.code ?? 'none',
        Password: NEW_PASSWORD,
      });
      used.add(user);
      if (status !== 200) problems.add(`${user}: the code does not work after the restart`);
    }),
  );
  return some.size;
}

/** What is still queued arrives: messages that a killed server had taken wait for the end of its lease. */
async function deliverRest(): Promise<void> {
  const { server, url } = await start();
  await fetch(`${url}/_poolkeeper/clock`, { method: 'POST', body: JSON.stringify({ advance: 'PT2M' }) });
  const deadline = Date.now() + 60_000;
  let queued = 1;
  while (queued > 0 && Date.now() < deadline) {
    await sleep(500);
    const db = new DatabaseSync(join(data, 'poolkeeper.db'), { readOnly: true });
    queued = Number(db.prepare("select count(*) as n from messages where status = 'queued'").get()?.['n']);
    const failed = db.prepare("select username from messages where status = 'failed'").all();
    // A code that was used before its mail left is not sent any more; every other mail has to come.
    for (const { username } of failed) {
      if (!used.has(String(username))) problems.add(`${username}: the message failed`);
    }
    db.close();
  }
  if (queued > 0) problems.add(`${queued} messages were still queued after a minute`);
  await kill(server, 'SIGTERM');
}
