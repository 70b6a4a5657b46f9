import type { SmsChannel } from './channel.ts';

/**
 * The way out of dev mode where rules are set for SMS messages and no channel: each message is held to them, and what
 * passes stays in the inbox.
 */
export const createInboxChannel = (): SmsChannel => ({
  name: 'inbox',
  send: async () => ({ providerId: undefined }),
  check: async () => [{ ok: true, text: 'SMS messages stay in the inbox of dev mode.' }],
  close: async () => {},
});
