import { AdminCreateUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { expect, it, vi } from 'vitest';
import { openHouse } from '../support/house.ts';
import { openMailServer, smtpReply } from '../support/mail-server.ts';

it('metrics tell what was sent, what failed and why, what waits and for how long, and which channels are down', async () => {
  let reply: Error | undefined;
  await using mail = await openMailServer({ onRecipient: () => reply });
  await using house = await openHouse({ email: `smtp://127.0.0.1:${mail.port}` });
  const pool = await house.createPool();
  let users = 0;
  const invite = () =>
    house.sdk.send(
      new AdminCreateUserCommand({
        UserPoolId: pool,
        Username: `user${users++}`,
        DesiredDeliveryMediums: ['EMAIL'],
        UserAttributes: [{ Name: 'email', Value: `user${users}@example.com` }],
      }),
    );
  const metric = async (name: string) =>
    (await (await fetch(`${house.url}/metrics`)).text())
      .split('\n')
      .find((line) => line.startsWith(`poolkeeper_${name} `))
      ?.split(' ')
      .at(-1);
  const becomes = (name: string, value: string | RegExp) =>
    vi.waitFor(
      async () => expect(await metric(name)).toMatch(typeof value === 'string' ? `${value}` : value),
      { timeout: 8000, interval: 50 },
    );

  await invite();
  await becomes('messages_total{channel="EMAIL",provider="smtp",outcome="sent"}', '1');
  expect(await metric('message_acceptance_seconds_count{channel="EMAIL",provider="smtp"}')).toBe('1');
  const channel = `channel_open{channel="smtp:127.0.0.1:${mail.port}"}`;
  expect(await metric(channel)).toBe('0');
  expect(await metric('messages_queued{lane="EMAIL_INVITATION"}')).toBe('0');

  reply = smtpReply(550, '5.1.1 no such user');
  await invite();
  await becomes('messages_failed_total{channel="EMAIL",reason="refused"}', '1');

  reply = smtpReply(421, '4.3.2 shutting down');
  for (let time = 0; time < 6; time += 1) await invite();
  await becomes(channel, '1');
  await house.advance('PT3S');
  await becomes('messages_queued{lane="EMAIL_INVITATION"}', '6');
  await becomes('messages_oldest_seconds{lane="EMAIL_INVITATION"}', /^[3-9]/);
  expect(await metric('messages_queued{lane="SMS"}')).toBe('0');
});
