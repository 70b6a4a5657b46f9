import type { MessageRow } from '../storage/repositories/messages.ts';
import { providerOf } from './feedback.ts';
import type { Outcome } from './outbox.ts';

/** An outcome as metrics count it, in few words whatever providers answer. */
export function outcomeLabels({ channel }: MessageRow, { outcome, code, dispatches, took }: Outcome) {
  const last = dispatches.findLast((line) => line.channel !== undefined);
  const provider = last === undefined ? 'none' : providerOf(last);
  return {
    channel,
    provider,
    outcome,
    took,
    reason: code === undefined ? undefined : reasonOf(code, dispatches),
  };
}

function reasonOf(code: string, dispatches: Outcome['dispatches']): string {
  if (code === 'EXPIRED' || code === 'OUTDATED') return code.toLowerCase();
  const outcome = dispatches.at(-1)?.outcome;
  return outcome === 'held' || outcome === 'refused' ? outcome : 'attempts';
}
