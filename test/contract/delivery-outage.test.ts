import { ForgotPasswordCommand } from '@aws-sdk/client-cognito-identity-provider';
import { expect, it, vi } from 'vitest';
import { openHouse } from '../support/house.ts';
import { openMailServer, smtpReply } from '../support/mail-server.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const STEP = 30 * SECOND;
const [BEGINS, ENDS, AFTERWARDS] = [MINUTE, 11 * MINUTE, 14 * MINUTE];

interface Sent {
  id: string;
  to: string;
  status: string;
  expiresAt: string;
  record: { at: string; code: string | null }[];
}

// By the server's clock, which its patience with channels goes by, too: nobody waits for ten minutes.
it('an outage of ten minutes under load loses no message whose code lives, and sends none whose code expired', async () => {
  let passed = 0;
  let refused = 0;
  await using mail = await openMailServer({
    onRecipient: () => {
      if (passed < BEGINS || passed >= ENDS) return undefined;
      refused += 1;
      return smtpReply(421, '4.3.2 shutting down');
    },
  });
  await using house = await openHouse({ email: `smtp://127.0.0.1:${mail.port}` });
  const pools = [await openPool('PT5M'), await openPool('PT1H')];

  /** A pool whose every user asks for one code. */
  async function openPool(codeLifetime: string) {
    const pool = await house.createPool();
    const { ClientId } = await house.createClient(pool);
    const json = { recovery: { codeLifetime } };
    await house.operator(`pools/${pool}/settings`, { method: 'PUT', json });
    const names = Array.from({ length: AFTERWARDS / STEP }, (_, index) =>
      `${codeLifetime}-${index}`.toLowerCase(),
    );
    await Promise.all(names.map((name) => house.createUser(pool, name)));
    return { ClientId, names };
  }
  const listed = async () => ((await house.operator('messages?limit=500')) as { messages: Sent[] }).messages;

  const waiting = async () => (await listed()).filter(({ status }) => status === 'queued').length;

  let backAt = 0;
  for (let step = 0; passed < AFTERWARDS; step += 1) {
    const began = performance.now();
    await Promise.all(
      pools.map(({ ClientId, names: { [step]: Username } }) =>
        house.sdk.send(new ForgotPasswordCommand({ ClientId, Username })),
      ),
    );
    // No request waits for the mail server.
    expect(performance.now() - began).toBeLessThan(2000);
    const { now } = (await house.operator('clock', { method: 'POST', json: { advance: 'PT30S' } })) as {
      now: string;
    };
    passed += STEP;
    if (passed === ENDS) backAt = Date.parse(now);
    // A minute passes here in the time that a few messages take: afterwards each step lets the worker keep up.
    await vi
      .waitFor(async () => expect(await waiting()).toBe(0), {
        timeout: passed < ENDS ? 20 : 500,
        interval: 20,
      })
      .catch(() => {});
  }
  await vi.waitFor(async () => expect(await waiting()).toBe(0), { timeout: 10_000 });

  const messages = await listed();
  expect(messages).toHaveLength((2 * AFTERWARDS) / STEP);
  for (const message of messages) {
    const arrived = mail.mails.filter(({ to }) => to.includes(message.to));
    if (message.status === 'sent') {
      expect(arrived).toHaveLength(1);
      expect((message.record.at(-1)?.at ?? '') < message.expiresAt).toBe(true);
      continue;
    }
    // Given up for one reason alone: when the server was found to be back, hardly a moment was left, or none.
    expect([message.status, arrived]).toEqual(['failed', []]);
    expect(['EXPIRED', 'SMTP_421']).toContain(message.record.at(-1)?.code);
    expect(Date.parse(message.expiresAt)).toBeLessThan(backAt + 2 * MINUTE);
  }
  const lost = messages.filter(({ status }) => status === 'failed');
  expect(lost.length).toBeGreaterThan(3);
  expect(lost.every(({ to }) => to.startsWith('pt5m'))).toBe(true);
  // Nor was the server that was down asked for each message.
  expect(refused).toBeGreaterThan(3);
  expect(refused).toBeLessThan(60);
}, 60_000);
