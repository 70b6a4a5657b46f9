import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminSetUserPasswordCommand,
  ForgotPasswordCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type House, type Message, NEW_PASSWORD, openHouse } from '../support/house.ts';
import { openMailServer, smtpReply } from '../support/mail-server.ts';
import { newName, type RecoveryCalls, recoveryCalls } from '../support/recovery-calls.ts';

interface Recorded extends Message {
  expiresAt: string;
  record: {
    at: string;
    channel: string | null;
    outcome: string;
    code: string | null;
    providerId: string | null;
  }[];
  feedback: string | null;
}

let mail: Awaited<ReturnType<typeof openMailServer>>;
let house: House;
let pool: string;
let client: { ClientId: string };
let calls: RecoveryCalls;
let name: string;
let address: string;
/** What the mail server says to a recipient. */
const refusals = new Map<string, () => Error | undefined>();

beforeAll(async () => {
  mail = await openMailServer({ onRecipient: (to) => refusals.get(to)?.() });
  house = await openHouse({ email: `smtp://127.0.0.1:${mail.port}` });
  pool = await house.createPool();
  client = await house.createClient(pool);
  calls = recoveryCalls(house, client);
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await mail[Symbol.asyncDispose]();
});
beforeEach(async () => {
  name = newName();
  address = `${name}@example.com`;
  await house.sdk.send(
    new AdminCreateUserCommand({
      UserPoolId: pool,
      Username: name,
      MessageAction: 'SUPPRESS',
      UserAttributes: [
        { Name: 'email', Value: address },
        { Name: 'email_verified', Value: 'true' },
      ],
    }),
  );
});

const NO_SUCH_USER = () => smtpReply(550, '5.1.1 no such user');

/** The newest message to the address, once it is as expected. */
const becomes = (expected: object) =>
  vi.waitFor(
    async () => {
      const [message] = (await house.messages(address, 0)) as Recorded[];
      expect(message).toMatchObject(expected);
      return message as Recorded;
    },
    { timeout: 10_000, interval: 30 },
  );

const invite = () =>
  house.sdk.send(
    new AdminCreateUserCommand({
      UserPoolId: pool,
      Username: name,
      MessageAction: 'RESEND',
      DesiredDeliveryMediums: ['EMAIL'],
    }),
  );

/** A temporary password whose mail the server refused for good. */
async function refused(): Promise<Recorded> {
  refusals.set(address, NO_SUCH_USER);
  await invite();
  return becomes({ status: 'failed' });
}

async function resend(id: string, query = `?userPoolId=${pool}`) {
  const response = await fetch(`${house.url}/_poolkeeper/messages/${id}/resend${query}`, { method: 'POST' });
  return {
    status: response.status,
    body: (await response.json()) as Recorded & { error?: { type: string; message: string } },
  };
}

describe("a message's record", () => {
  it('tells who accepted it and when', async () => {
    await invite();
    const { record, feedback, createdAt, expiresAt } = await becomes({ status: 'sent' });
    expect(record).toMatchObject([
      { channel: `smtp:127.0.0.1:${mail.port}`, outcome: 'accepted', code: null },
    ]);
    expect(record[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.parse(createdAt));
    expect(feedback).toBeNull();
  });

  it('tells each attempt, and why it failed', async () => {
    let puts = 1;
    refusals.set(address, () => (puts-- > 0 ? smtpReply(450, '4.2.0 greylisted') : undefined));
    await invite();
    const { record } = await becomes({ status: 'sent', attempts: 2 });
    expect(record.map(({ outcome, code }) => [outcome, code])).toEqual([
      ['failed', 'SMTP_450'],
      ['accepted', null],
    ]);
  });
});

describe('a message that failed', () => {
  it('is sent again by an operator, with the code that was in it', async () => {
    const failed = await refused();
    expect(failed.record).toMatchObject([{ outcome: 'refused', code: 'SMTP_550' }]);
    refusals.delete(address);
    const { status, body } = await resend(failed.id);
    expect([status, body.id, body.status, body.attempts]).toEqual([200, failed.id, 'queued', 0]);
    const { record } = await becomes({ status: 'sent', attempts: 1, lastError: null });
    expect(record.map(({ outcome }) => outcome)).toEqual(['refused', 'accepted']);
    const received = await mail.first(address);
    expect(received.content.text).toContain(failed.code);
    await calls
      .signIn(name, failed.code)
      .then(({ ChallengeName }) => expect(ChallengeName).toBe('NEW_PASSWORD_REQUIRED'));
  });

  it('is sent again once, however many ask at a time', async () => {
    const failed = await refused();
    refusals.delete(address);
    const answers = await Promise.all(Array.from({ length: 5 }, () => resend(failed.id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    await becomes({ status: 'sent' });
    expect(mail.mails.filter(({ to }) => to.includes(address))).toHaveLength(1);
  });

  it('is not where its code was replaced since', async () => {
    await calls.confirm(name, '000000').catch(() => {});
    await house.createUser(pool, `${name}-b`);
    const [own, theirs] = [address, `${name}-b@example.com`];
    address = theirs;
    refusals.set(theirs, NO_SUCH_USER);
    await house.sdk.send(new ForgotPasswordCommand({ ClientId: client.ClientId, Username: `${name}-b` }));
    const first = await becomes({ status: 'failed' });
    refusals.delete(theirs);
    await house.sdk.send(new ForgotPasswordCommand({ ClientId: client.ClientId, Username: `${name}-b` }));
    const second = await becomes({ status: 'sent' });
    const { status, body } = await resend(first.id);
    expect([status, body.error]).toEqual([
      409,
      {
        type: 'ConflictException',
        message: 'The message cannot be sent again. Its code was used or replaced, or its user deleted.',
      },
    ]);
    await recoveryCalls(house, client).confirm(`${name}-b`, second.code, NEW_PASSWORD);
    expect((await resend(second.id)).body.error?.message).toBe(
      'The message cannot be sent again. It is sent.',
    );
    address = own;
  });

  it("is not where its temporary password was replaced since, or is not the user's any more", async () => {
    const first = await refused();
    const second = await refused();
    expect((await resend(first.id)).status).toBe(409);
    await house.sdk.send(
      new AdminSetUserPasswordCommand({
        UserPoolId: pool,
        Username: name,
        Password: NEW_PASSWORD,
        Permanent: true,
      }),
    );
    expect((await resend(second.id)).status).toBe(409);
  });

  it('is not where its user was deleted', async () => {
    const failed = await refused();
    await house.sdk.send(new AdminDeleteUserCommand({ UserPoolId: pool, Username: name }));
    expect((await resend(failed.id)).status).toBe(409);
    // Its content is gone with that.
    expect(await becomes({})).toMatchObject({ body: '', code: '' });
    expect((await resend(failed.id)).status).toBe(409);
  });

  it.each([
    ['without its pool', '', 400],
    ['with a pool that is none', '?userPoolId=a%20b', 400],
    ['with more', `?userPoolId=us-east-1_A&now=1`, 400],
    ['of another pool', '?userPoolId=us-east-1_Another', 404],
  ])('is not found %s', async (_, query, status) => {
    const answer = await resend('01234567-89ab-7def-8123-456789abcdef', query);
    expect([answer.status, typeof answer.body.error?.message]).toEqual([status, 'string']);
  });

  it('is not found by what no database looks for', async () => {
    const answer = await resend('a%00b');
    expect(answer.status).toBe(404);
  });

  it('is not when its code has expired', async () => {
    const failed = await refused();
    await house.advance('P8D');
    const { status, body } = await resend(failed.id);
    // By then the janitor may have been there, too.
    expect([404, 409]).toContain(status);
    expect(body.error?.message).toMatch(/has expired|does not exist/);
  });
});
