import { describe, expect, test } from 'vitest';
import { fairQueue, QueueFull, type Turn } from '../../packages/server/src/platform/fair-queue.ts';

/** A queue of tasks that end when they are told to. */
function openQueue(running: number, waiting: number) {
  const queue = fairQueue({ running, waiting });
  const started: string[] = [];
  const ending: (() => void)[] = [];
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    queue,
    started,
    /** Resolves to how it went; a task's name is the lane's with a number. */
    add: (name: string, turn: Turn = {}): Promise<string> =>
      queue
        .run(
          () =>
            new Promise<string>((resolve) => {
              started.push(name);
              ending.push(() => resolve('done'));
            }),
          { lane: name.replace(/\d+$/, ''), ...turn },
        )
        .catch((error) => (error instanceof QueueFull ? 'refused' : String(error))),
    async endOne() {
      ending.shift()?.();
      await settle();
    },
    async endAll() {
      for (await settle(); ending.length > 0; await settle()) ending.shift()?.();
    },
  };
}

describe('a fair queue', () => {
  test('never runs more than its limit, in the order of coming, through failures', async () => {
    const queue = fairQueue({ running: 2, waiting: 20 });
    const started: number[] = [];
    let [running, most] = [0, 0];
    const work = Array.from({ length: 20 }, (_, index) =>
      queue.run(async () => {
        started.push(index);
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, index % 3));
        running -= 1;
        if (index % 4 === 0) throw new Error('failed');
        return index;
      }),
    );
    const outcomes = await Promise.allSettled(work);
    expect(most).toBe(2);
    expect(started).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(5);
    expect(await queue.run(async () => 'still open')).toBe('still open');
    expect(queue.length()).toBe(0);
  });

  test('serves lanes in turn: who sends much waits for themselves', async () => {
    const { add, started, endAll } = openQueue(1, 20);
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'c1', 'b2']) void add(name);
    await endAll();
    expect(started).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4', 'a5']);
  });

  test('refuses beyond its bound, and lets in again once there is room', async () => {
    const { add, queue, endOne, endAll } = openQueue(2, 3);
    const first = ['a', 'b', 'c', 'd', 'e'].map((name) => add(name));
    expect(queue.length()).toBe(3);
    expect(await add('f')).toBe('refused');
    await endOne();
    const late = add('g');
    expect(await add('h')).toBe('refused');
    await endAll();
    expect(await Promise.all([...first, late])).toEqual(Array(6).fill('done'));
    expect(queue.length()).toBe(0);
  });

  test('a flood of one lane makes room for others, from its end, and for itself no more', async () => {
    const { add, started, endAll } = openQueue(1, 4);
    const flood = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5'].map((name) => add(name));
    const others = [add('b1'), add('c1')];
    // With one more, that lane would have as many as the flood.
    expect(await add('b2')).toBe('refused');
    others.push(add('d1'));
    expect(await add('e1')).toBe('refused');
    await endAll();
    expect(await Promise.all(flood)).toEqual(['done', 'done', ...Array(4).fill('refused')]);
    expect(await Promise.all(others)).toEqual(['done', 'done', 'done']);
    expect(started).toEqual(['a0', 'a1', 'b1', 'c1', 'd1']);
  });

  test('what was admitted before is neither refused nor pushed out', async () => {
    const { add, queue, endAll } = openQueue(1, 2);
    const admitted = ['a0', 'a1', 'a2', 'a3'].map((name) => add(name, { admitted: true }));
    expect(queue.length()).toBe(3);
    expect(await add('b1')).toBe('refused');
    expect(() => queue.requireRoom('b')).toThrow(QueueFull);
    await endAll();
    expect(await Promise.all(admitted)).toEqual(Array(4).fill('done'));
  });

  test('tells whether there is room, as it would be found', async () => {
    const { add, queue, endAll } = openQueue(1, 3);
    const all = ['a0', 'a1', 'a2'].map((name) => add(name));
    queue.requireRoom('a');
    all.push(add('a3'));
    expect(() => queue.requireRoom('a')).toThrow(QueueFull);
    queue.requireRoom('b');
    await endAll();
    await Promise.all(all);
    queue.requireRoom('a');
  });

  test('asks who waited whether the task is still wanted, and nobody else', async () => {
    const { add, started, endOne, endAll } = openQueue(1, 5);
    const asked: string[] = [];
    const asking = (name: string, unwanted = false) =>
      add(name, {
        afterWaiting: async () => {
          asked.push(name);
          if (unwanted) throw new Error('locked');
        },
      });
    const all = [asking('a'), asking('b', true), asking('c'), asking('d', true)];
    await endOne();
    await endAll();
    expect(await Promise.all(all)).toEqual(['done', 'Error: locked', 'done', 'Error: locked']);
    expect(started).toEqual(['a', 'c']);
    expect(asked).toEqual(['b', 'c', 'd']);
  });
});
