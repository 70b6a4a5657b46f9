import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import type { Authenticator } from '../support/mfa.ts';
import {
  type Met,
  type MfaPool,
  mostCompared,
  newPhone,
  openMfaPool,
  otherCode,
  outcomeOf,
  tally,
} from '../support/mfa-sign-in.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

const LOCKED =
  'NotAuthorizedException: Too many invalid credentials attempts. User temporarily locked. Please try again after few seconds.';
const WRONG = 'CodeMismatchException: Invalid code received for user';
const USED = 'ExpiredCodeException: Your software token has already been used once.';
const APP = 'SOFTWARE_TOKEN_MFA';

let house: House;
let pool: MfaPool;
let name: string;
let app: Authenticator;

beforeAll(async () => {
  house = await openHouse();
  pool = await openMfaPool(house, 'OPTIONAL', ['SMS_MFA', APP, 'EMAIL_OTP']);
});
beforeEach(async () => {
  name = await pool.createUser(newName());
  app = await pool.setUpApp(name);
  await pool.switchOn(name, [APP]);
});
afterAll(() => house[Symbol.asyncDispose]());

const times = <T>(count: number, make: (index: number) => Promise<T>): Promise<T>[] =>
  Array.from({ length: count }, (_, index) => make(index));
const guess = async (user = name, wrong = app) => {
  const met = await pool.begin(user);
  return refusal(pool.enter(user, met, await wrong.wrongCode()));
};
/** Two guesses at once after each other, so that also a lock of a second is met. */
async function guessTwice() {
  const [met, wrong] = [await pool.begin(name), await app.wrongCode()];
  const enter = () => refusal(pool.enter(name, met, wrong));
  return [await enter(), await enter()];
}
const right = async () => pool.enter(name, await pool.begin(name), await app.code()).then(outcomeOf, String);

/** So many wrong answers, each as soon as the lock of the one before it has run out. */
async function wrongAnswers(count: number, already = 0) {
  for (let wrong = already + 1; wrong <= count; wrong += 1) {
    expect(await guess()).toBe(WRONG);
    if (wrong >= 5 && wrong < count) await house.advance(`PT${Math.min(2 ** (wrong - 5), 900)}S`);
  }
}

describe('wrong answers', () => {
  it('lock for 2^(n-5) seconds from the fifth on', async () => {
    await wrongAnswers(4);
    for (let wrong = 5; wrong <= 12; wrong += 1) {
      const lock = 2 ** (wrong - 5);
      expect(await guessTwice()).toEqual([WRONG, LOCKED]);
      // Time goes by in the test, too.
      const slack = lock < 8 ? 0 : 4;
      if (slack > 0) {
        await house.advance(`PT${lock - slack}S`);
        expect(await guess()).toBe(LOCKED);
      }
      await house.advance(`PT${slack || lock}S`);
    }
    expect(await right()).toBe('tokens');
  });

  it('lock for 15 minutes at most', async () => {
    await wrongAnswers(20);
    await house.advance('PT14M50S');
    expect(await guess()).toBe(LOCKED);
    await house.advance('PT10S');
    expect(await guessTwice()).toEqual([WRONG, LOCKED]);
    await house.advance('PT15M');
    expect(await right()).toBe('tokens');
  });

  it('lock out the right answer, too, which is good when the lock has run out', async () => {
    await wrongAnswers(8);
    const met = await pool.begin(name);
    const code = await app.codeIn(1);
    expect(await refusal(pool.enter(name, met, code))).toBe(LOCKED);
    await house.advance('PT8S');
    expect(outcomeOf(await pool.enter(name, met, code))).toBe('tokens');
  });

  it('during a lock are neither compared nor counted', async () => {
    await wrongAnswers(9);
    for (let guesses = 0; guesses < 10; guesses += 1) expect(await guess()).toBe(LOCKED);
    await house.advance('PT16S');
    expect(await guess()).toBe(WRONG);
    await house.advance('PT28S');
    expect(await guess()).toBe(LOCKED);
    await house.advance('PT4S');
    expect(await right()).toBe('tokens');
  });

  it('count over all sessions and clients, and by whoever asks', async () => {
    const neighbour = pool.by(await house.createClient(pool.id));
    const [mine, theirs, bySrp] = [
      await pool.begin(name),
      await neighbour.begin(name),
      await pool.beginBySrp(name),
    ];
    const [wrong, code] = [await app.wrongCode(), await app.codeIn(1)];
    for (const answer of [
      () => pool.enter(name, mine, wrong),
      () => neighbour.enter(name, theirs, wrong),
      () => pool.enter(name, bySrp, wrong),
      () => pool.respondAsAdmin(name, mine, { SOFTWARE_TOKEN_MFA_CODE: wrong }),
      () => pool.enter(name, mine, 'not even digits'),
    ]) {
      expect(await refusal(answer())).toBe(WRONG);
    }
    expect(await refusal(neighbour.enter(name, theirs, code))).toBe(LOCKED);
    expect(await refusal(pool.respondAsAdmin(name, bySrp, { SOFTWARE_TOKEN_MFA_CODE: wrong }))).toBe(LOCKED);
  });

  it('are those of one user', async () => {
    await wrongAnswers(10);
    const other = await pool.createUser(newName());
    const theirs = await pool.setUpApp(other);
    await pool.switchOn(other, [APP]);
    expect(await guess(other, theirs)).toBe(WRONG);
    expect(await guess()).toBe(LOCKED);
  });

  it('lock the factor, not the password nor what is signed in', async () => {
    await wrongAnswers(7);
    expect((await pool.begin(name)).ChallengeName).toBe(APP);
    await pool.switchOn(name, []);
    expect(outcomeOf(await pool.begin(name))).toBe('tokens');
  });
});

describe('right answers', () => {
  it('are not counted', async () => {
    for (let signIn = 0; signIn < 8; signIn += 1) expect(await right()).toBe('tokens');
    await wrongAnswers(4);
    for (let signIn = 0; signIn < 3; signIn += 1) expect(await right()).toBe('tokens');
    expect(await guessTwice()).toEqual([WRONG, LOCKED]);
  });

  it('take back no wrong ones: who guesses between them gains nothing', async () => {
    await wrongAnswers(9);
    await house.advance('PT16S');
    expect(await right()).toBe('tokens');
    expect(await guess()).toBe(WRONG);
    await house.advance('PT28S');
    expect(await guess()).toBe(LOCKED);
  });

  it('that were used once count as wrong', async () => {
    const code = await app.code();
    await pool.enter(name, await pool.begin(name), code);
    const met = await pool.begin(name);
    for (let replay = 0; replay < 5; replay += 1) {
      expect(await refusal(pool.enter(name, met, code))).toBe(USED);
    }
    expect(await refusal(pool.enter(name, met, code))).toBe(LOCKED);
  });
});

describe('what was wrong is remembered', () => {
  it('for a day after the last one', async () => {
    await wrongAnswers(9);
    await house.advance('PT23H59M');
    expect(await guessTwice()).toEqual([WRONG, LOCKED]);
    await house.advance('PT23H59M');
    expect(await guessTwice()).toEqual([WRONG, LOCKED]);
    await house.advance('P1D');
    await wrongAnswers(4);
    expect(await guessTwice()).toEqual([WRONG, LOCKED]);
  });

  it('for no longer by right answers in between', async () => {
    await wrongAnswers(9);
    await house.advance('PT23H');
    expect(await right()).toBe('tokens');
    await house.advance('PT1H');
    await wrongAnswers(4);
    expect(await guessTwice()).toEqual([WRONG, LOCKED]);
  });
});

describe('each factor has a count of its own', () => {
  it('and a lock of its own', async () => {
    const phone_number = newPhone();
    const email = `${name}@example.com`;
    await pool.update(name, { phone_number, email });
    await pool.switchOn(name, ['SMS_MFA', APP, 'EMAIL_OTP']);
    const [wrong, select] = [await app.wrongCode(), () => pool.begin(name)];
    const met = await pool.choose(name, await select(), APP);
    for (let guesses = 0; guesses < 8; guesses += 1) {
      await pool.enter(name, met, wrong).catch(() => undefined);
      if (guesses >= 4) await house.advance('PT8S');
    }
    await refusal(pool.enter(name, met, wrong));
    expect(await refusal(pool.enter(name, met, wrong))).toBe(LOCKED);

    const sms = await pool.choose(name, await select(), 'SMS_MFA');
    const code = await house.code(phone_number);
    for (let guesses = 0; guesses < 5; guesses += 1) {
      expect(await refusal(pool.enter(name, sms, otherCode(code)))).toMatch(/^CodeMismatch/);
    }
    expect(await refusal(pool.enter(name, sms, code))).toBe(LOCKED);

    const byEmail = await pool.choose(name, await select(), 'EMAIL_OTP');
    expect(outcomeOf(await pool.enter(name, byEmail, await house.code(email)))).toBe('tokens');
  });

  it('which wrong answers to codes that are sent add to over all codes', async () => {
    const phone_number = newPhone();
    await pool.update(name, { phone_number });
    await pool.switchOn(name, ['SMS_MFA']);
    const begun = async () => ({ met: await pool.begin(name), code: await house.code(phone_number) });
    const last = await begun();
    for (let guesses = 0; guesses < 4; guesses += 1) {
      const { met, code } = await begun();
      expect(await refusal(pool.enter(name, met, otherCode(code)))).toMatch(/^CodeMismatch/);
    }
    expect(await refusal(pool.enter(name, last.met, otherCode(last.code)))).toMatch(/^CodeMismatch/);
    expect(await refusal(pool.enter(name, last.met, last.code))).toBe(LOCKED);
  });
});

describe('many at once', () => {
  /** Goes on from a number of wrong answers until the lock is long enough to be measured: it was that number. */
  async function expectCount(compared: number, answer: () => Promise<string>, wrong: RegExp) {
    let count = compared;
    for (; count < 9; count += 1) {
      await house.advance(`PT${count < 5 ? 0 : 2 ** (count - 5)}S`);
      expect(await answer()).toMatch(wrong);
    }
    const lock = 2 ** (count - 5);
    await house.advance(`PT${lock - 4}S`);
    expect(await answer()).toBe(LOCKED);
    await house.advance('PT4S');
    expect(await answer()).toMatch(wrong);
  }

  it('200 guesses at an app: five are compared, and counted', async () => {
    const sessions = await Promise.all(times(10, () => pool.begin(name)));
    const wrong = await app.wrongCode();
    const started = performance.now();
    const all = times(200, (index) => pool.enter(name, sessions[index % 10] as Met, wrong));
    const { CodeMismatchException: compared = 0, ...others } = await tally(all);
    expect(compared).toBeGreaterThanOrEqual(5);
    expect(compared).toBeLessThanOrEqual(mostCompared(performance.now() - started));
    expect(others).toEqual({ NotAuthorizedException: 200 - compared });
    await expectCount(compared, guess, /^CodeMismatch/);
  });

  it('200 guesses at a code that was sent: five are compared, and counted', async () => {
    const email = `${name}@example.com`;
    await pool.update(name, { email });
    await pool.switchOn(name, ['EMAIL_OTP']);
    const met = await pool.begin(name);
    const code =
      (await house.messages(email)).find(({ body }) => body.includes('authentication'))?.code ?? '';
    const enter = () => pool.enter(name, met, otherCode(code));
    const started = performance.now();
    const { CodeMismatchException: compared = 0, ...others } = await tally(times(200, enter));
    expect(compared).toBeGreaterThanOrEqual(5);
    expect(compared).toBeLessThanOrEqual(mostCompared(performance.now() - started));
    expect(others).toEqual({ NotAuthorizedException: 200 - compared });
    await expectCount(compared, () => refusal(enter()), /^CodeMismatch/);
  });

  it('50 right answers with one session: one signs in, and none is counted', async () => {
    const met = await pool.begin(name);
    const code = await app.code();
    const counts = await tally(times(50, () => pool.enter(name, met, code)));
    expect(counts).toEqual({ ok: 1, NotAuthorizedException: 49 });
    await wrongAnswers(4);
    expect(await right()).toBe('tokens');
  });

  it('50 right answers with one session to a code that was sent: one signs in', async () => {
    const phone_number = newPhone();
    await pool.update(name, { phone_number });
    await pool.switchOn(name, ['SMS_MFA']);
    const met = await pool.begin(name);
    const code = await house.code(phone_number);
    const counts = await tally(times(50, () => pool.enter(name, met, code)));
    expect(counts).toEqual({ ok: 1, NotAuthorizedException: 49 });
    const again = await pool.begin(name);
    expect(outcomeOf(await pool.enter(name, again, await house.code(phone_number)))).toBe('tokens');
  });

  it('50 sessions with the code of one moment: one signs in', async () => {
    const sessions = await Promise.all(times(50, () => pool.begin(name)));
    const code = await app.code();
    const started = performance.now();
    const counts = await tally(sessions.map((met) => pool.enter(name, met, code)));
    const { ok, ExpiredCodeException: used = 0, NotAuthorizedException: locked = 0 } = counts;
    expect(ok).toBe(1);
    // A code that was used counts as a wrong one.
    expect(used).toBeLessThanOrEqual(mostCompared(performance.now() - started));
    expect(used + locked).toBe(49);
  });

  it('the right answer among guesses gets in, or was late', async () => {
    const sessions = await Promise.all(times(6, () => pool.begin(name)));
    const [code, wrong] = [await app.code(), await app.wrongCode()];
    const counts = await tally(
      sessions.map((met, index) => pool.enter(name, met, index === 2 ? code : wrong)),
    );
    const { ok = 0, CodeMismatchException: compared = 0 } = counts;
    expect([ok, compared]).toSatisfy(([won, lost]) => (won === 1 && lost === 5) || (won === 0 && lost === 5));
  });
});
