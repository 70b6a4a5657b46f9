import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { call, operator } from './calls.ts';
import { checkCalls, checkCodes } from './check-calls.ts';
import { checkDeliveries, checkRows, queued } from './check-rows.ts';
import type { House } from './house.ts';
import type { Ledger } from './ledger.ts';
import { startLoad } from './load.ts';
import type { Context } from './scenario.ts';
import { userName } from './users.ts';

export interface RoundsOptions extends Context {
  readonly house: House;
  /** Brings the fault about and takes it away again, as far as somebody has to; false where it did not come about. */
  fault(round: number): Promise<boolean>;
  /** Before the next round, when nothing is asked of the servers. */
  between?(): Promise<void>;
  /** Where requests go; the nodes otherwise. */
  readonly targets?: readonly string[];
  /** How often the hour that attempts are counted in may end in a round. */
  readonly windows?: number;
  /** Whether the time between a message and its delivery means something. */
  readonly timed?: boolean;
}

/** Every node answers again by then. */
const RECOVERY = 40_000;
/** Longer than the lease of a node that is gone, and than the longest wait for another attempt. */
const SETTLING = 100_000;

/** Load, fault, recovery and the ledger's questions, as often as asked for; in the end, the mails. */
export async function runRounds(options: RoundsOptions): Promise<void> {
  const { house, ledger, rounds, say } = options;
  const used = new Set<string>();
  const waiting: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const targets = options.targets ?? house.nodes.map(({ url }) => url);
    const load = startLoad({ house, ledger, round, targets });
    await sleep(randomInt(700, 1700));
    ledger.faultBegins();
    const happened = await options.fault(round);
    if (happened) ledger.faultHappened();
    await recovered(house, ledger, round);
    await sleep(500);
    const silence = ledger.loadEnds();
    const done = await load.stop();
    for (const { user } of done.races) used.add(user);
    ledger.counts.races += done.races.length;
    for (const user of done.signUps) used.add(user);
    for (const [user, { acknowledged }] of done.forgot) if (acknowledged > 0) waiting.push(user);
    for (const node of house.nodes) {
      const how = node.fell();
      if (how !== undefined) ledger.wrong(`${node.name} ${how}`);
    }
    await checkRows(house, ledger, done);
    await checkCalls(house, ledger, done, { windows: options.windows ?? 1 });
    say(
      `round ${round + 1}/${rounds}: ${ledger.counts.acknowledged} acknowledged, ${ledger.counts.inFault} errors, ${ledger.problems.lost.size} lost, ${ledger.problems.doubled.size} doubled, ${ledger.problems.wrong.size} wrong; silent for ${(silence / 1000).toFixed(1)} s${happened ? '' : '; the fault did not come about'}`,
    );
    await options.between?.();
  }
  if (options.hurry) for (const { url } of house.nodes) await operator(url, 'clock', { advance: 'PT16S' });
  const end = performance.now() + SETTLING;
  while ((await queued(house)) > 0 && performance.now() < end) await sleep(500);
  await checkDeliveries(house, ledger, { used, timed: options.timed ?? true });
  await checkCodes(
    house,
    ledger,
    waiting.filter((user) => !used.has(user)),
  );
  ledger.mailsTwice(house.mailbox.duplicates());
}

/** Each node acknowledges something again. */
async function recovered({ nodes, clients }: House, ledger: Ledger, round: number): Promise<void> {
  const end = performance.now() + RECOVERY;
  const input = { ClientId: clients.app, Username: userName(round, 'probe', 0) };
  for (const { url, name } of nodes) {
    while ((await call(url, 'ForgotPassword', input)).status !== 200) {
      if (performance.now() > end) return ledger.lost(`Round ${round + 1}: ${name} did not recover`);
      await sleep(50);
    }
  }
}
