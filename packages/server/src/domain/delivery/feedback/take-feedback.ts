import { setTimeout as sleep } from 'node:timers/promises';
import { recordFeedback, type ToldLater } from '../../../outbox/feedback.ts';
import { MINUTE } from '../../../platform/duration.ts';
import type { Services } from '../../services.ts';

/** When it is looked for again, ms: a provider can be faster than the commit that records its acceptance. */
const PAUSES = [300, 700, 2000];
/** What is told of a message this long after is of none that is just being sent. */
const FRESH = MINUTE;
/** More are not waited for: a topic can tell of other senders' messages by the thousands. */
const MOST_WAITING = 500;

/** Takes what was told; resolves to whether it is on a message's record. Unknown messages are nobody's fault. */
export function createFeedbackTaker(
  { storage, clock }: Pick<Services, 'storage' | 'clock'>,
  pause: (milliseconds: number) => Promise<unknown> = sleep,
): (told: ToldLater) => Promise<boolean> {
  let waiting = 0;
  const record = (told: ToldLater) => storage.write((unit) => recordFeedback(unit, told));

  return async (told) => {
    if (await record(told)) return true;
    if (clock.now() - told.at > FRESH || waiting >= MOST_WAITING) return false;
    waiting += 1;
    try {
      for (const milliseconds of PAUSES) {
        await pause(milliseconds);
        if (await record(told)) return true;
      }
      return false;
    } finally {
      waiting -= 1;
    }
  };
}
