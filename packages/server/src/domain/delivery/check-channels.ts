import type { Logger } from 'pino';
import { SECOND } from '../../platform/duration.ts';
import type { Channel, Finding } from './channels/channel.ts';
import type { WaysOut } from './ways-out.ts';

/** For all that a channel looks at, ms. */
const PATIENCE = 25 * SECOND;

type Checked = Pick<Channel, 'name' | 'check'>;

/** What a channel finds out about itself; that it does not come to an end is a finding, too. */
export async function findingsOf(channel: Checked, patience = PATIENCE): Promise<readonly Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding[]>((resolve) => {
    const text = `It did not answer within ${patience / SECOND} s.`;
    timer = setTimeout(() => resolve([{ ok: false, text }]), patience);
  });
  try {
    return await Promise.race([channel.check(), late]);
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    return [{ ok: false, text: `The check itself failed: ${code ?? name}.` }];
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Looks at every channel once, beside the work of a server that has begun: one that cannot send is worth a warning, and
 * no reason not to start, for servers restart during outages. Returns what ends it.
 */
export function checkChannels(
  { email, sms }: Pick<WaysOut, 'email' | 'sms'>,
  log: Logger,
  onChecked: (channel: string, isGood: boolean) => void,
): () => void {
  let ended = false;
  for (const channel of [...(email?.channels ?? []), ...(sms?.channels ?? [])]) {
    findingsOf(channel).then((findings) => {
      if (ended) return;
      const wrong = findings.filter(({ ok }) => !ok);
      onChecked(channel.name, wrong.length === 0);
      for (const { text } of wrong) {
        log.warn({ channel: channel.name }, `A channel may not be able to send. ${text}`);
      }
    });
  }
  return () => {
    ended = true;
  };
}
