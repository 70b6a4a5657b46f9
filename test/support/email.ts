import {
  type Mail,
  type MailChannel,
  NotAccepted,
  Undeliverable,
} from '../../packages/server/src/domain/delivery/channels/channel.ts';
import {
  type ChannelOptions,
  createMailChannel,
} from '../../packages/server/src/domain/delivery/channels/email-channel.ts';
import { WEBHOOK_SECRET } from './functions/webhook-secret.ts';

/** What no error, finding or name may repeat. */
export const CODE = '424242';

export const MAIL: Mail = {
  id: '0199c0de-1234-7000-8000-000000000001',
  poolId: 'us-east-1_Pool',
  to: 'ida@example.com',
  expiresAt: 1_800_000_000_000,
  subject: 'Größe: your code',
  html: `<p>Your code is <b>${CODE}</b></p>`,
  text: `Your code is ${CODE}`,
  from: undefined,
  replyTo: undefined,
  sourceArn: undefined,
  configurationSet: undefined,
};

export const mailChannel = (url: string, over: Partial<ChannelOptions> = {}) =>
  createMailChannel(url, {
    mode: 'dev',
    region: 'us-east-1',
    webhookSecrets: [WEBHOOK_SECRET],
    functionNetworks: [],
    ...over,
  });

/** What became of a mail: the receipt, or why there is none. Anything else that is thrown is thrown on. */
export async function sentMail(channel: MailChannel, over: Partial<Mail> = {}) {
  try {
    return await channel.send({ ...MAIL, ...over });
  } catch (error) {
    if (error instanceof Undeliverable) return { refused: error.code, text: error.message };
    if (error instanceof NotAccepted) {
      return { notAccepted: error.code, blames: error.blames, text: error.message };
    }
    throw error;
  }
}
