import {
  AdminUserGlobalSignOutCommand,
  ChangePasswordCommand,
  DeleteUserPoolCommand,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
  UpdateUserPoolClientCommand,
  UpdateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { LONGEST_STALE } from '../../packages/server/src/platform/promise-cache.ts';
import { NEW_PASSWORD, PASSWORD } from '../support/house.ts';
import { openMailServer } from '../support/mail-server.ts';
import { type Nodes, openNodes } from '../support/nodes.ts';
import { newName, recoveryCalls, wrongCode } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { signIn, type Tokens } from '../support/sign-in.ts';
import { srpClient } from '../support/srp-client.ts';

let cluster: Nodes;
let pool: string;
let client: { ClientId: string };
let name: string;

beforeAll(async () => {
  cluster = await openNodes(3);
  pool = await cluster.node(0).createPool();
  client = await cluster.node(0).createClient(pool);
});
beforeEach(async () => {
  name = newName();
  await cluster.node(0).createUser(pool, name);
});
afterAll(() => cluster[Symbol.asyncDispose]());

const callsAt = (index: number) => recoveryCalls(cluster.node(index), client);
const sdkAt = (index: number) => cluster.node(index).sdk;
const code = () => cluster.node(0).code(`${name}@example.com`);
const setAttemptsPerHour = (limit: number) =>
  cluster.node(0).operator(`pools/${pool}/settings`, {
    method: 'PUT',
    json: { recovery: { attemptsPerHour: limit } },
  });
const untilKnownEverywhere = () => new Promise((resolve) => setTimeout(resolve, LONGEST_STALE + 50));

/** Calls through all nodes at once; how often each outcome came. */
async function allAtOnce(count: number, call: (index: number) => Promise<unknown>) {
  const counts: Record<string, number> = {};
  const all = Array.from({ length: count }, (_, index) => call(index));
  for (const result of await Promise.allSettled(all)) {
    const outcome = result.status === 'fulfilled' ? 'ok' : (result.reason as Error).name;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

describe('nodes that start at once on an empty database', () => {
  it('make one schema and one key, and serve the same pools', async () => {
    await using fresh = await openNodes(5);
    const id = await fresh.node(0).createPool();
    const keys = await Promise.all(
      fresh.nodes.map(async ({ url }) => (await fetch(`${url}/${id}/.well-known/jwks.json`)).json()),
    );
    for (const key of keys) expect(key).toEqual(keys[0]);
  });
});

describe('any node answers any step', () => {
  it('of a recovery', async () => {
    await callsAt(0).forgot(name);
    await callsAt(1).confirm(name, await code());
    await callsAt(2).signIn(name, NEW_PASSWORD);
  });

  it('of an SRP sign-in, once', async () => {
    const srp = srpClient(pool);
    const { ChallengeParameters } = await sdkAt(0).send(
      new InitiateAuthCommand({
        ...client,
        AuthFlow: 'USER_SRP_AUTH',
        AuthParameters: { USERNAME: name, SRP_A: srp.SRP_A },
      }),
    );
    const answer = new RespondToAuthChallengeCommand({
      ...client,
      ChallengeName: 'PASSWORD_VERIFIER',
      ChallengeResponses: srp.prove(ChallengeParameters, PASSWORD),
    });
    const counts = await allAtOnce(9, (index) => sdkAt(index + 1).send(answer));
    expect(counts).toEqual({ ok: 1, NotAuthorizedException: 8 });
  });

  it('of a session: tokens of one are good at the others, until one ends it', async () => {
    const tokens = await signIn(cluster.node(0), client.ClientId, name);
    const refreshed = await callsAt(1).refresh(tokens.RefreshToken);
    const whoAmI = () => sdkAt(2).send(new GetUserCommand({ AccessToken: refreshed?.AccessToken }));
    expect((await whoAmI()).Username).toBe(name);
    await sdkAt(0).send(new AdminUserGlobalSignOutCommand({ UserPoolId: pool, Username: name }));
    expect(await refusal(whoAmI())).toContain('revoked');
    expect(await refusal(callsAt(1).refresh(tokens.RefreshToken))).toContain('revoked');
  });
});

describe('a race over all nodes', () => {
  it('of 50 confirmations has one winner, whose password it is', async () => {
    await setAttemptsPerHour(0);
    await untilKnownEverywhere();
    await callsAt(0).forgot(name);
    const right = await code();
    const won: string[] = [];
    const counts = await allAtOnce(50, async (index) => {
      const password = `Passw0rd!${index}`;
      await callsAt(index).confirm(name, right, password);
      won.push(password);
    });
    await setAttemptsPerHour(5);
    await untilKnownEverywhere();
    expect(counts).toEqual({ ok: 1, ExpiredCodeException: 49 });
    await callsAt(0).signIn(name, won[0]);
  });

  it('of 200 guesses compares no more than the limit allows', async () => {
    await callsAt(0).forgot(name);
    const wrong = wrongCode(await code());
    const counts = await allAtOnce(200, (index) => callsAt(index).confirm(name, wrong));
    expect(counts).toEqual({ CodeMismatchException: 4, LimitExceededException: 196 });
  });

  it('of 40 requests for a code sends no more than the limit allows', async () => {
    const counts = await allAtOnce(40, (index) => callsAt(index).forgot(name));
    expect(counts).toEqual({ ok: 5, LimitExceededException: 35 });
    expect(await cluster.node(0).messages(`${name}@example.com`)).toHaveLength(5);
  });

  it('of 30 sign-ups under one name makes one user', async () => {
    const taken = newName('taken');
    const signUp = new SignUpCommand({ ...client, Username: taken, Password: PASSWORD });
    const counts = await allAtOnce(30, (index) => sdkAt(index).send(signUp));
    expect(counts).toEqual({ ok: 1, UsernameExistsException: 29 });
  });

  it('of password changes lets one through: the others no longer show the old password', async () => {
    const { AccessToken } = await signIn(cluster.node(0), client.ClientId, name);
    const counts = await allAtOnce(4, (index) =>
      sdkAt(index).send(
        new ChangePasswordCommand({
          AccessToken,
          PreviousPassword: PASSWORD,
          ProposedPassword: `Passw0rd!${index}`,
        }),
      ),
    );
    expect(counts).toEqual({ ok: 1, NotAuthorizedException: 3 });
  });

  it('of refreshes in the grace period hands everybody the same successor', async () => {
    const rotating = await cluster.node(0).createClient(pool, {
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 30 },
    });
    const { RefreshToken } = await signIn(cluster.node(0), rotating.ClientId, name);
    const successors = new Set<string>();
    const counts = await allAtOnce(30, async (index) => {
      const command = new GetTokensFromRefreshTokenCommand({ ClientId: rotating.ClientId, RefreshToken });
      const tokens = (await sdkAt(index).send(command)).AuthenticationResult as Tokens;
      successors.add(tokens.RefreshToken);
    });
    expect(counts).toEqual({ ok: 30 });
    expect(successors.size).toBe(1);
  });
});

describe.each(['repeatable read', 'serializable'])('an engine whose units are %s', (level) => {
  it('sends colliding units round again: one winner, exact limits', async () => {
    await using strict = await openNodes(3, (url) => ({
      databaseUrl: `${url}?options=${encodeURIComponent(`-c default_transaction_isolation=${level.replace(' ', '\\ ')}`)}`,
    }));
    const id = await strict.node(0).createPool();
    const app = await strict.node(0).createClient(id);
    await strict.node(0).createUser(id, 'ann');
    const callsAt = (index: number) => recoveryCalls(strict.node(index), app);
    await callsAt(0).forgot('ann');
    const right = await strict.node(0).code('ann@example.com');
    const counts = await allAtOnce(60, (index) => callsAt(index).confirm('ann', wrongCode(right)));
    expect(counts).toEqual({ CodeMismatchException: 4, LimitExceededException: 56 });
    await strict.node(0).createUser(id, 'bob');
    await callsAt(0).forgot('bob');
    const code = await strict.node(0).code('bob@example.com');
    const confirmed = await allAtOnce(4, (index) => callsAt(index).confirm('bob', code, `Passw0rd!${index}`));
    expect(confirmed).toEqual({ ok: 1, ExpiredCodeException: 3 });
  });
});

describe('what one node changes', () => {
  const signInAtOther = () => callsAt(1).signIn(name);

  it('of an app client, all obey within a second', async () => {
    await signInAtOther();
    await sdkAt(0).send(
      new UpdateUserPoolClientCommand({
        UserPoolId: pool,
        ClientId: client.ClientId,
        ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'],
      }),
    );
    await untilKnownEverywhere();
    expect(await refusal(signInAtOther())).toContain('USER_PASSWORD_AUTH flow not enabled');
  });

  it('of a pool, all obey within a second', async () => {
    const { ClientId } = await cluster.node(0).createClient(pool);
    const signUpAtOther = () =>
      sdkAt(1).send(new SignUpCommand({ ClientId, Username: newName('weak'), Password: 'weakweak' }));
    expect(await refusal(signUpAtOther())).toContain('InvalidPasswordException');
    const PasswordPolicy = { MinimumLength: 6 };
    await sdkAt(0).send(
      new UpdateUserPoolCommand({
        UserPoolId: pool,
        AutoVerifiedAttributes: ['email'],
        Policies: { PasswordPolicy },
      }),
    );
    await untilKnownEverywhere();
    await signUpAtOther();
  });

  it('by deleting a pool, all know within a second, and nothing of it stays', async () => {
    const doomed = await cluster.node(0).createPool();
    const { ClientId } = await cluster.node(0).createClient(doomed);
    await cluster.node(0).createUser(doomed, 'ann');
    const tokens = await signIn(cluster.node(1), ClientId, 'ann');
    await sdkAt(0).send(new DeleteUserPoolCommand({ UserPoolId: doomed }));
    await untilKnownEverywhere();
    const whoAmI = sdkAt(1).send(new GetUserCommand({ AccessToken: tokens.AccessToken }));
    expect(await refusal(whoAmI)).toContain('NotAuthorizedException');
    expect(await refusal(signIn(cluster.node(2), ClientId, 'ann'))).toContain('ResourceNotFoundException');
    expect((await fetch(`${cluster.node(1).url}/${doomed}/.well-known/jwks.json`)).status).toBe(404);
    await vi.waitFor(async () => {
      for (const table of ['users', 'sign_in_names', 'sessions', 'messages', 'attempts']) {
        const left = await cluster.database.rows(`select 1 from ${table} where pool_id = '${doomed}'`);
        expect(left, table).toEqual([]);
      }
    });
  });
});

describe('messages', () => {
  it('that one node writes end the waiting at another', async () => {
    const waiting = cluster.node(1).messages(`${name}@example.com`, 10_000);
    await callsAt(0).forgot(name);
    expect(await waiting).toHaveLength(1);
  });

  it('are shared out: each is sent once, by one of the nodes', async () => {
    await using mail = await openMailServer();
    await using sending = await openNodes(3, {
      email: `smtp://127.0.0.1:${mail.port}?from=no-reply@example.com`,
    });
    const id = await sending.node(0).createPool();
    const { ClientId } = await sending.node(0).createClient(id);
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        sending.node(index).sdk.send(
          new SignUpCommand({
            ClientId,
            Username: `user${index}`,
            Password: PASSWORD,
            UserAttributes: [{ Name: 'email', Value: `user${index}@example.com` }],
          }),
        ),
      ),
    );
    await vi.waitFor(() => expect(mail.mails).toHaveLength(60), { timeout: 10_000 });
    expect(new Set(mail.mails.flatMap(({ to }) => to)).size).toBe(60);
    await vi.waitFor(async () => {
      const sent = await sending.database.rows(`select 1 from messages where status = 'sent'`);
      expect(sent).toHaveLength(60);
    });
    expect(mail.mails).toHaveLength(60);
  });

  it('that a dead node had taken are sent by another once its lease is over', async () => {
    await using mail = await openMailServer();
    await using sending = await openNodes(2);
    const id = await sending.node(0).createPool();
    const { ClientId } = await sending.node(0).createClient(id);
    await sending.node(0).createUser(id, 'ann');
    await recoveryCalls(sending.node(0), { ClientId }).forgot('ann');
    await Promise.all(sending.nodes.map((node) => node[Symbol.asyncDispose]()));
    // As a node leaves it that was killed while it sent: leased for two seconds more.
    const leaseEnd = Date.now() + 2000;
    await sending.database.rows(
      `update messages set status = 'queued', sent_at = null, attempts = 1, due_at = ${leaseEnd}`,
    );
    const email = `smtp://127.0.0.1:${mail.port}?from=no-reply@example.com`;
    await using _survivor = await sending.open({ email });
    await mail.first('ann@example.com');
    expect(Date.now()).toBeGreaterThanOrEqual(leaseEnd);
    expect(mail.mails).toHaveLength(1);
  });
});

describe('a rolling upgrade', () => {
  it('lets nodes of the version before run on, and start, beside a wider schema', async () => {
    await using upgrading = await openNodes(2);
    const id = await upgrading.node(0).createPool();
    const { ClientId } = await upgrading.node(0).createClient(id);
    await upgrading.node(0).createUser(id, 'ann');
    await signIn(upgrading.node(1), ClientId, 'ann');
    for (const table of ['users', 'sign_in_names', 'sessions', 'messages', 'attempts', 'user_pools']) {
      await upgrading.database.rows(`alter table ${table} add column since_next_version text`);
    }
    await upgrading.database.rows(
      `insert into server_state (name, value) values ('migration:9999-wider', '{"phase":"expand"}')`,
    );
    const calls = recoveryCalls(upgrading.node(1), { ClientId });
    await calls.forgot('ann');
    await calls.confirm('ann', await upgrading.node(0).code('ann@example.com'));
    await using restarted = await upgrading.open();
    await signIn(restarted, ClientId, 'ann', NEW_PASSWORD);
  });

  it('keeps them from starting once something they need was taken away', async () => {
    await using upgraded = await openNodes(1);
    await upgraded.database.rows(
      `insert into server_state (name, value) values ('migration:9999-narrower', '{"phase":"contract"}')`,
    );
    await expect(upgraded.open()).rejects.toThrow(/changed by a newer Poolkeeper/);
  });
});
