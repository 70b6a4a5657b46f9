import { describe, expect, it, vi } from 'vitest';
import { createHealth } from '../../packages/server/src/http/health.ts';
import type { Storage } from '../../packages/server/src/storage/unit.ts';

/** A health whose clock and database are the test's. */
function openHealth() {
  let time = 0;
  const asked: PromiseWithResolvers<undefined>[] = [];
  const read = () => {
    const answer = Promise.withResolvers<undefined>();
    asked.push(answer);
    return answer.promise;
  };
  return {
    health: createHealth({ read } as unknown as Storage, () => time),
    asked,
    pass: (ms: number) => {
      time += ms;
    },
  };
}

describe('health', () => {
  it('is what the database says, asked once a second at most', async () => {
    const { health, asked, pass } = openHealth();
    const first = Promise.all([health.isReady(), health.isReady()]);
    asked[0]?.resolve(undefined);
    expect(await first).toEqual([true, true]);
    pass(999);
    expect(await health.isReady()).toBe(true);
    expect(asked).toHaveLength(1);

    pass(1);
    const second = health.isReady();
    asked[1]?.reject(new Error('gone'));
    expect(await second).toBe(false);
    expect(await health.isReady()).toBe(false);
    pass(1000);
    const third = health.isReady();
    asked[2]?.resolve(undefined);
    expect(await third).toBe(true);
  });

  it('is good while the database is merely slow, and not while it is silent', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { health, asked, pass } = openHealth();
      const look = async () => {
        const looking = health.isReady();
        await vi.advanceTimersByTimeAsync(1000);
        return looking;
      };
      expect(await look()).toBe(true);
      pass(5000);
      expect(await look()).toBe(true);
      pass(1);
      expect(await look()).toBe(false);
      expect(asked).toHaveLength(1);
      asked[0]?.resolve(undefined);
      expect(await look()).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is over once the server drains', async () => {
    const { health, asked } = openHealth();
    health.drain();
    const looking = health.isReady();
    asked[0]?.resolve(undefined);
    expect(await looking).toBe(false);
  });
});
