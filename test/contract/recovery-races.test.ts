import { SignUpCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import { newName, type RecoveryCalls, recoveryCalls, wrongCode } from '../support/recovery-calls.ts';

let house: House;
let pool: string;
let client: { ClientId: string };
let calls: RecoveryCalls;
let name: string;
let address: string;
beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  client = await house.createClient(pool);
  calls = recoveryCalls(house, client);
});
beforeEach(async () => {
  name = newName();
  address = `${name}@example.com`;
  await house.createUser(pool, name);
});
afterAll(() => house[Symbol.asyncDispose]());

const attemptsPerHour = (limit: number) =>
  house.operator(`pools/${pool}/settings`, {
    method: 'PUT',
    json: { recovery: { attemptsPerHour: limit } },
  });

/** How often each outcome came: `ok`, or the error's name. */
async function tally(all: Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const result of await Promise.allSettled(all)) {
    const outcome = result.status === 'fulfilled' ? 'ok' : (result.reason as Error).name;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('many at once', () => {
  it('with the right code: one sets their password, the others find the code used', async () => {
    await attemptsPerHour(0);
    await calls.forgot(name);
    const code = await house.code(address);
    const passwords = times(50, (index) => `Passw0rd!${index}`);
    const winners: string[] = [];
    const counts = await tally(
      passwords.map(async (password) => {
        await calls.confirm(name, code, password);
        winners.push(password);
      }),
    );
    await attemptsPerHour(5);
    expect(counts).toEqual({ ok: 1, ExpiredCodeException: 49 });

    await calls.signIn(name, winners[0]);
    const losers = [PASSWORD, ...passwords.filter((password) => password !== winners[0]).slice(0, 4)];
    for (const loser of losers) await expect(calls.signIn(name, loser)).rejects.toThrow(/Incorrect|exceeded/);
  });

  it('who guess: no more guesses than allowed are looked at, and then the right code is late', async () => {
    await calls.forgot(name);
    const code = await house.code(address);
    const counts = await tally(times(200, () => calls.confirm(name, wrongCode(code))));
    // The request for the code was the first of five attempts.
    expect(counts).toEqual({ CodeMismatchException: 4, LimitExceededException: 196 });
    await expect(calls.confirm(name, code)).rejects.toThrow('Attempt limit exceeded');
    await calls.signIn(name, PASSWORD);
  });

  it('who ask for a code: five are answered, and the newest code alone works', async () => {
    const counts = await tally(times(20, () => calls.forgot(name)));
    expect(counts).toEqual({ ok: 5, LimitExceededException: 15 });
    expect(await house.messages(address)).toHaveLength(5);
  });

  it('whose codes overtake each other: the newest message holds the code that works', async () => {
    await attemptsPerHour(0);
    await tally(times(20, () => calls.forgot(name)));
    const [newest, ...older] = (await house.messages(address)).map((message) => message.code);
    expect(older).toHaveLength(19);
    const stale = older.filter((code) => code !== newest);
    const counts = await tally(stale.map((code) => calls.confirm(name, code)));
    expect(counts).toEqual({ CodeMismatchException: stale.length });
    await calls.confirm(name, newest as string);
    await attemptsPerHour(5);
  });

  it('who guess while somebody asks for new codes never see more than the attempts of the hour', async () => {
    const counts = await tally([
      ...times(20, () => calls.forgot(name)),
      ...times(20, () => calls.confirm(name, '12345')),
    ]);
    expect(counts['LimitExceededException']).toBe(35);
  });

  it('who sign up with one username: one gets it', async () => {
    const Username = newName();
    const counts = await tally(
      times(20, (index) =>
        house.sdk.send(new SignUpCommand({ ...client, Username, Password: `${PASSWORD}${index}` })),
      ),
    );
    expect(counts).toEqual({ ok: 1, UsernameExistsException: 19 });
  });

  it('who sign up with one email in a pool of emails: one gets it', async () => {
    const emails = await house.createPool({ UsernameAttributes: ['email'] });
    const { ClientId } = await house.createClient(emails);
    const counts = await tally(
      times(20, () =>
        house.sdk.send(new SignUpCommand({ ClientId, Username: 'a@example.com', Password: PASSWORD })),
      ),
    );
    expect(counts).toEqual({ ok: 1, UsernameExistsException: 19 });
    expect(await house.messages('a@example.com')).toHaveLength(1);
  });

  it('who confirm while the user signs in leave no half-changed password', async () => {
    await calls.forgot(name);
    const code = await house.code(address);
    const outcomes = await Promise.allSettled([
      calls.confirm(name, code, 'Passw0rd!later'),
      ...times(5, () => calls.signIn(name, PASSWORD)),
    ]);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason.name).toBe('NotAuthorizedException');
    }
    await house.advance('PT20M');
    await calls.signIn(name, 'Passw0rd!later');
    await expect(calls.signIn(name, PASSWORD)).rejects.toThrow('Incorrect username or password.');
  });
});
