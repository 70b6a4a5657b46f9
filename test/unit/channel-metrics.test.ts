import { expect, test } from 'vitest';
import { createMetrics } from '../../packages/server/src/platform/metrics.ts';

test('of two channels of one name, such as two logins at one provider, the one that does not work is told', async () => {
  const channel = 'twilio:api.twilio.com';
  const metrics = createMetrics({
    queues: async () => [],
    channels: () => [
      { channel, isOpen: true },
      { channel, isOpen: false },
    ],
  });
  metrics.channelCheck(channel, false);
  metrics.channelCheck(channel, true);
  const text = await metrics.text();
  expect(text).toContain(`poolkeeper_channel_open{channel="${channel}"} 1`);
  expect(text).toContain(`poolkeeper_channel_check{channel="${channel}"} 0`);
});
