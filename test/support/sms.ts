import {
  NotAccepted,
  type Sms,
  type SmsChannel,
  Undeliverable,
} from '../../packages/server/src/domain/delivery/channels/channel.ts';
import { createSmsChannel } from '../../packages/server/src/domain/delivery/channels/sms-channel.ts';

/** Code, number and token that no error may repeat. */
export const SECRETS = { text: 'Your code is 493027', to: '+12065550123', token: 'hunter2token' };
export const NOW = Date.UTC(2026, 0, 2);
export const ROLE = 'arn:aws:iam::123456789012:role/sms';

export const sms = (members: Partial<Sms> = {}): Sms => ({
  id: '0190-message',
  poolId: 'us-east-1_pool',
  to: SECRETS.to,
  text: SECRETS.text,
  expiresAt: NOW + 3_600_000,
  sender: undefined,
  config: undefined,
  ...members,
});

/** The channel of an `--sms` URL, on a clock of its own. */
export function smsChannel(url: string, options: { patience?: number; publicUrl?: string } = {}) {
  const clock = { time: NOW, now: () => clock.time };
  const channel = createSmsChannel(url, {
    mode: 'dev',
    region: 'us-east-1',
    webhookSecrets: [],
    functionNetworks: [],
    clock,
    ...options,
  });
  return { channel, clock };
}

/** What sending came to, in a form that tests compare: a receipt, `{ final: code }`, or `{ passing: code, blames }`. */
export async function sent(channel: SmsChannel, message: Sms = sms()) {
  try {
    return await channel.send(message);
  } catch (error) {
    const { message: text } = error as Error;
    for (const secret of [...Object.values(SECRETS), '493027']) {
      if (text.includes(secret)) throw new Error(`An error repeats ${secret}: ${text}`);
    }
    if (error instanceof Undeliverable) return { final: error.code };
    if (error instanceof NotAccepted) return { passing: error.code, blames: error.blames };
    throw error;
  }
}

/** For what says nothing it is not waited as long as usual; anything else may take its time on a busy machine. */
export const patienceFor = (behaviour: unknown) =>
  ['hang', 'drip', 'upgrade'].includes(String(behaviour)) ? { patience: 200 } : {};
