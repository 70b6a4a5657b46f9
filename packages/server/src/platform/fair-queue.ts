/** How a task stands in the queue. */
export interface Turn {
  /** Whose task it is. Lanes are served one after the other: who sends much waits for themselves. */
  readonly lane?: string;
  /** A step of something that was let in before: it waits, and is not refused any more. */
  readonly admitted?: boolean;
  /** Called when the turn comes after a wait; what it throws spares the task. */
  readonly afterWaiting?: () => Promise<void>;
}

/** Nothing was done, and the same call may succeed a moment later. */
export class QueueFull extends Error {}

interface Waiter {
  readonly admitted: boolean;
  go(): void;
  refuse(): void;
}

/**
 * Runs tasks `most.running` at a time, and lets no more than `most.waiting` wait. A lane's tasks run in the order in which
 * they came, and each lane gets its turn. When the queue is full, the last of the longest lane makes room for a lane that
 * stays shorter than that one; else the newcomer is refused, both with `QueueFull`.
 */
export function fairQueue(most: { readonly running: number; readonly waiting: number }) {
  /** The first is the next to be served; one that was served goes to the end. */
  const lanes = new Map<string, Waiter[]>();
  let running = 0;
  let waiting = 0;

  /** Who would have to go so that one more of this lane may wait. */
  function loserTo(lane: string): { line: Waiter[]; index: number } | undefined {
    const line = [...lanes.values()].reduce((a, b) => (b.length > a.length ? b : a), []);
    if (line.length <= (lanes.get(lane)?.length ?? 0) + 1) return undefined;
    const index = line.findLastIndex(({ admitted }) => !admitted);
    return index < 0 ? undefined : { line, index };
  }

  const isFullFor = (lane: string) => waiting >= most.waiting && loserTo(lane) === undefined;

  function makeRoomFor(lane: string): void {
    const loser = loserTo(lane);
    if (loser === undefined) throw new QueueFull();
    const [refused] = loser.line.splice(loser.index, 1);
    waiting -= 1;
    refused?.refuse();
  }

  function wait({ lane = '', admitted = false }: Turn): Promise<void> {
    if (waiting >= most.waiting && !admitted) makeRoomFor(lane);
    return new Promise((go, reject) => {
      const line = lanes.get(lane) ?? [];
      line.push({ admitted, go, refuse: () => reject(new QueueFull()) });
      lanes.set(lane, line);
      waiting += 1;
    });
  }

  /** A place that comes free is handed over without being counted down, so that no newcomer can slip in between. */
  function handOver(): void {
    const [next] = lanes;
    if (next === undefined) {
      running -= 1;
      return;
    }
    const [lane, line] = next;
    const waiter = line.shift();
    lanes.delete(lane);
    if (line.length > 0) lanes.set(lane, line);
    waiting -= 1;
    waiter?.go();
  }

  return {
    /** How many wait. */
    length: () => waiting,
    /** Throws `QueueFull` when a task of this lane would be refused now. */
    requireRoom(lane = ''): void {
      if (isFullFor(lane)) throw new QueueFull();
    },
    /** A task that fails gives its place free like any other. */
    async run<T>(task: () => Promise<T>, turn: Turn = {}): Promise<T> {
      const waits = running >= most.running;
      if (waits) await wait(turn);
      else running += 1;
      try {
        if (waits) await turn.afterWaiting?.();
        return await task();
      } finally {
        handOver();
      }
    },
  };
}
