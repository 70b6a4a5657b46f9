import type { Clock } from '../../platform/clock.ts';
import { MINUTE } from '../../platform/duration.ts';
import { newOrderedId } from '../../platform/random.ts';
import { senderOf } from '../pools/email-config.ts';
import type { UserPool } from '../pools/user-pool.ts';
import {
  type Cause,
  type Channel,
  type Finding,
  type Mail,
  NotAccepted,
  type Sms,
} from './channels/channel.ts';
import { findingsOf } from './check-channels.ts';
import { mailDocument } from './mail-document.ts';
import { plainTextOf } from './plain-text.ts';

const SUBJECT = 'Poolkeeper: a test message';
const TEXT = 'A test message of Poolkeeper. It arrived, so codes can arrive, too.';

/** What messages of a pool differ in, where it is one pool's way that is tried. */
type Way = Pick<UserPool, 'id' | 'config'> | undefined;

const outgoing = (to: string, way: Way, clock: Clock) => ({
  id: newOrderedId(clock.now()),
  poolId: way?.id ?? 'none',
  to,
  expiresAt: clock.now() + 10 * MINUTE,
});

export async function testMail(to: string, way: Way, clock: Clock): Promise<Mail> {
  const html = mailDocument({ subject: SUBJECT, body: TEXT, code: '', lang: 'en' });
  return {
    ...outgoing(to, way, clock),
    subject: SUBJECT,
    html,
    text: await plainTextOf(TEXT),
    from: way && senderOf(way.config),
    replyTo: way?.config.EmailConfiguration.ReplyToEmailAddress,
    sourceArn: way?.config.EmailConfiguration.SourceArn,
    configurationSet: way?.config.EmailConfiguration.ConfigurationSet,
  };
}

/** `sender` is what the rules of the number's country say. */
export const testSms = (to: string, sender: string | undefined, way: Way, clock: Clock): Sms => ({
  ...outgoing(to, way, clock),
  text: TEXT,
  sender,
  config: way?.config.SmsConfiguration,
});

/** What a channel says of itself, and what came of a message that was handed to it; undefined: none is. */
export async function tryChannel<Message extends Mail | Sms>(
  channel: Channel<Message>,
  message: Message | undefined,
): Promise<readonly Finding[]> {
  const findings = await findingsOf(channel);
  if (message === undefined) return findings;
  return [...findings, await sending(channel, message)];
}

async function sending<Message extends Mail | Sms>(
  channel: Channel<Message>,
  message: Message,
): Promise<Finding> {
  try {
    const { providerId } = await channel.send(message);
    const name = providerId === undefined ? '' : `, and calls it ${providerId}`;
    return { ok: true, text: `It accepted the test message${name}. Look whether it arrived.` };
  } catch (error) {
    const { message: text, code } = error as Error & { code?: string };
    const what = advice[error instanceof NotAccepted ? error.blames : 'final'];
    return {
      ok: false,
      text: `It did not accept the test message (${code}). ${text.replace(/\.?$/, '.')} ${what}`,
    };
  }
}

/** What to do where the channel's own words do not say it. */
const advice: Readonly<Record<Cause | 'final', string>> = {
  provider: 'This may pass: messages are tried again until their code expires.',
  recipient: 'This is about the recipient, or what the recipient makes of the sender: try another address.',
  final: 'This message would not be tried again. Try another recipient.',
  sender: "Set sender and login right: with the provider, in the channel's URL or in the pool.",
  'sms-role-trust':
    "Let the role of the pool's SmsConfiguration trust this server's AWS credentials, with the ExternalId that is set there.",
  'sms-role-access':
    "Let the role of the pool's SmsConfiguration send: sns:Publish, or sms-voice:SendTextMessage.",
  'email-role-access': "Let this server's AWS credentials send: ses:SendEmail.",
};
