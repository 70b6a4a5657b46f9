import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  answerCounted,
  countPassword,
  lockedFor,
  passwordsLocked,
  wrongPasswords,
} from '../../packages/server/src/domain/codes/lock-out.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../packages/server/src/platform/duration.ts';
import { migrate } from '../../packages/server/src/storage/migrations/migrate.ts';
import { openSqlite } from '../../packages/server/src/storage/sqlite.ts';
import type { Storage } from '../../packages/server/src/storage/unit.ts';

let directory: string;
let storage: Storage;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'poolkeeper-lock-out-'));
  storage = openSqlite(directory);
  await migrate(storage, 0);
});
afterEach(async () => {
  await storage.close();
  rmSync(directory, { recursive: true, force: true });
});

const START = 1_800_000_000_000;
let guessers = 0;
/** Somebody who answers, `after` so long, and is told whether that was looked at. */
function guesser() {
  const who = { poolId: 'pool', sub: `sub-${++guessers}`, action: 'second-factor:SMS_MFA' };
  let now = START;
  return {
    at: () => now,
    answer(after: number, isRight: boolean) {
      now += after;
      return storage.write((unit) =>
        answerCounted(
          unit,
          who,
          now,
          () => 'compared' as const,
          () => isRight,
        ),
      );
    },
  };
}

/** The same of passwords: `seen` is what a look before the hash told. */
function passwordGuesser() {
  const who = { poolId: 'pool', sub: `sub-${++guessers}` };
  let now = START;
  return {
    at: () => now,
    async answer(after: number, isRight: boolean) {
      now += after;
      const seen = passwordsLocked(await storage.read((unit) => wrongPasswords(unit, who)), now);
      const outcome = await storage.write(async (unit) =>
        countPassword(unit, who, await wrongPasswords(unit, who), now, isRight),
      );
      return { seen, outcome };
    },
  };
}

describe('the lock', () => {
  it('is 2^(n-5) seconds long from the fifth wrong answer on, and 15 minutes at most', () => {
    const seconds = Array.from({ length: 18 }, (_, wrong) => lockedFor(wrong) / SECOND);
    expect(seconds).toEqual([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    expect(lockedFor(2_000_000_000)).toBe(15 * MINUTE);
  });

  const waits = fc.oneof(
    fc.integer({ min: 0, max: 3 * SECOND }),
    fc.integer({ min: 0, max: 20 * MINUTE }),
    fc.constantFrom(...Array.from({ length: 16 }, (_, wrong) => lockedFor(wrong)), DAY - 1, DAY, DAY + HOUR),
  );
  const answers = fc.array(fc.tuple(waits, fc.integer({ min: 0, max: 9 })), { maxLength: 60 });

  it('is as long as the wrong answers of the time that is remembered say, whatever comes when', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (sequence) => {
        const { at, answer } = guesser();
        let [wrong, last] = [0, 0];
        for (const [after, kind] of sequence) {
          const isRight = kind === 0;
          const outcome = await answer(after, isRight);
          if (at() >= last + DAY) wrong = 0;
          expect(outcome).toBe(wrong > 0 && at() < last + lockedFor(wrong) ? 'locked' : 'compared');
          if (outcome === 'locked' || isRight) continue;
          wrong += 1;
          last = at();
        }
      }),
    );
  });

  it('holds nobody longer than itself when the clock is set back', async () => {
    const { answer } = guesser();
    for (let wrong = 0; wrong < 8; wrong += 1) await answer(15 * MINUTE, false);
    expect(await answer(-30 * DAY, false)).toBe('locked');
    expect(await answer(lockedFor(8) - 1, false)).toBe('locked');
    expect(await answer(1, false)).toBe('compared');
    expect(await answer(lockedFor(9) - 1, false)).toBe('locked');
  });
});

describe('the lock of passwords', () => {
  const QUIET = 15 * MINUTE;
  const waits = fc.oneof(
    fc.integer({ min: 0, max: 3 * SECOND }),
    fc.integer({ min: 0, max: 40 * MINUTE }),
    fc.constantFrom(
      ...Array.from({ length: 18 }, (_, wrong) => lockedFor(wrong)),
      QUIET - 1,
      QUIET,
      2 * QUIET,
    ),
  );
  const answers = fc.array(fc.tuple(waits, fc.integer({ min: 0, max: 9 })), { maxLength: 60 });

  it('is as long as the wrong ones since the last right one say, which 15 quiet minutes forget', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (sequence) => {
        const { at, answer } = passwordGuesser();
        let [wrong, last] = [0, 0];
        for (const [after, kind] of sequence) {
          const { seen, outcome } = await answer(after, kind === 0);
          const quiet = at() - last;
          // A lock is no quiet time: what led to a long one is remembered for as long again.
          if (quiet >= QUIET && quiet >= 2 * lockedFor(wrong)) wrong = 0;
          const locked = wrong > 0 && quiet < lockedFor(wrong);
          expect(outcome).toBe(locked ? 'locked' : kind === 0 ? 'right' : 'wrong');
          expect(seen).toBe(locked);
          if (outcome === 'right') wrong = 0;
          if (outcome !== 'wrong') continue;
          wrong += 1;
          last = at();
        }
      }),
    );
  });

  it('holds nobody longer than itself when the clock is set back, also who is right', async () => {
    const { answer } = passwordGuesser();
    for (let wrong = 0; wrong < 8; wrong += 1) await answer(lockedFor(wrong), false);
    // The look before the hash lets it pass, for the unit to set the time right.
    expect(await answer(-30 * DAY, true)).toEqual({ seen: false, outcome: 'locked' });
    expect(await answer(lockedFor(8) - 1, true)).toEqual({ seen: true, outcome: 'locked' });
    expect(await answer(1, true)).toEqual({ seen: false, outcome: 'right' });
    for (let wrong = 0; wrong < 4; wrong += 1) expect((await answer(0, false)).outcome).toBe('wrong');
    expect((await answer(0, true)).outcome).toBe('right');
  });
});

describe('a unit that fails', () => {
  it('leaves no count behind: nothing was told of the answer either', async () => {
    const who = { poolId: 'pool', sub: 'failing', action: 'second-factor:SMS_MFA' };
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const failing = storage.write(async (unit) => {
        await answerCounted(
          unit,
          who,
          START,
          () => 'wrong',
          () => false,
        );
        throw new Error('The connection broke.');
      });
      await expect(failing).rejects.toThrow('broke');
    }
    const outcome = await storage.write((unit) =>
      answerCounted(
        unit,
        who,
        START,
        () => 'right',
        () => true,
      ),
    );
    expect(outcome).toBe('right');
  });
});
