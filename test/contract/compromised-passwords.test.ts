import { SignUpCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { type Prospect, passwordSetters, SETTERS, type Setter } from '../support/password-setters.ts';
import { digestOf, openRangeServer, type RangeServer } from '../support/range-server.ts';
import { newName } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

/** Seen from Amazon Cognito with compromised-credentials protection set to block [Q]. */
const REFUSED = 'InvalidPasswordException: Provided password cannot be used for security reasons.';
const Policies = { PasswordPolicy: { MinimumLength: 6 } };
const FINE = 'violin-otter-44-basalt';

let ranges: RangeServer;
let house: House;
beforeAll(async () => {
  ranges = await openRangeServer();
  house = await openHouse({ compromisedPasswords: `${ranges.url}/` });
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await ranges[Symbol.asyncDispose]();
});
beforeEach(() => {
  ranges.know({});
  ranges.requests.length = 0;
});

const set = (pool: string, json: object) => house.operator(`pools/${pool}/settings`, { method: 'PUT', json });

async function openPool(compromised: 'allow' | 'refuse') {
  const id = await house.createPool({ Policies });
  await set(id, { passwords: { compromised } });
  const client = await house.createClient(id);
  const prospect: (setter: Setter) => Promise<Prospect> = passwordSetters(house, id, client);
  const signUp = (Password: string) =>
    house.sdk.send(new SignUpCommand({ ...client, Username: newName('sign-up'), Password }));
  return { id, prospect, signUp };
}

describe('passwords.compromised', () => {
  it('is allow: like Amazon Cognito without threat protection, a pool asks nothing but its policy', async () => {
    const { prospect } = await openPool('allow');
    const id = await house.createPool({ Policies });
    expect(await house.operator(`pools/${id}/settings`)).toMatchObject({
      passwords: { compromised: 'allow' },
    });
    for (const setter of SETTERS) await (await prospect(setter)).set('password1');
    expect(ranges.requests).toEqual([]);
  });

  it('is allow or refuse', async () => {
    const { id } = await openPool('refuse');
    for (const compromised of ['block', true, null]) {
      await expect(set(id, { passwords: { compromised } })).rejects.toThrow(
        'passwords.compromised must be allow or refuse.',
      );
    }
    expect(await house.operator(`pools/${id}/settings`)).toMatchObject({
      passwords: { compromised: 'refuse' },
    });
  });

  it.each(SETTERS)('refuse: %s takes no common password, and changes nothing', async (setter) => {
    const { prospect } = await openPool('refuse');
    const { set } = await prospect(setter);
    // More than the attempts of an hour: nothing was compared or counted.
    for (const password of ['123456', 'password1', 'PassWord1!', '**letmein**', 'Qwerty123!', '!1qaz2wsx']) {
      expect([password, await refusal(set(password))]).toEqual([password, REFUSED]);
    }
    await set(FINE);
  });

  it('tells what breaks the policy first', async () => {
    const { signUp } = await openPool('refuse');
    expect(await refusal(signUp('12345'))).toMatch('Password not long enough');
  });
});

describe('a service of compromised passwords', () => {
  let signUp: (password: string) => Promise<unknown>;
  beforeAll(async () => {
    ({ signUp } = await openPool('refuse'));
  });
  let count = 0;
  /** A password that no answer is kept for. */
  const fresh = () => `${FINE}-${++count}`;

  it.each(SETTERS)('says which passwords %s may not set', async (setter) => {
    const { prospect } = await openPool('refuse');
    const { set } = await prospect(setter);
    const known = fresh();
    ranges.know({ [known]: 12 });
    expect(await refusal(set(known))).toBe(REFUSED);
    await set(fresh());
  });

  it('hears of a password the first five digits of its hash and nothing else', async () => {
    const password = fresh();
    await signUp(password);
    expect(ranges.requests).toHaveLength(1);
    const [{ path, headers } = { path: '', headers: {} }] = ranges.requests;
    expect(path).toBe(`/range/${digestOf(password).slice(0, 5)}`);
    expect(headers).toMatchObject({ 'add-padding': 'true', 'user-agent': 'poolkeeper' });
    expect(JSON.stringify(headers)).not.toContain(digestOf(password).slice(5));
  });

  it('is not asked about a common password, nor twice about the same one', async () => {
    expect(await refusal(signUp('password1'))).toBe(REFUSED);
    expect(ranges.requests).toEqual([]);
    const known = fresh();
    ranges.know({ [known]: 1 });
    for (let n = 0; n < 3; n++) expect(await refusal(signUp(known))).toBe(REFUSED);
    expect(ranges.requests).toHaveLength(1);
  });

  it('pads its answers with hashes that were seen 0 times: those are no passwords', async () => {
    const padding = fresh();
    ranges.know({ [padding]: 0 });
    await signUp(padding);
  });

  it('may write its hashes in small letters and end its lines as it likes', async () => {
    const known = fresh();
    ranges.answerWith((response) => response.end(`${digestOf(known).slice(5).toLowerCase()}:7\n`));
    expect(await refusal(signUp(known))).toBe(REFUSED);
  });

  it.each<[string, Parameters<RangeServer['answerWith']>[0]]>([
    ['says 503', (response) => response.writeHead(503).end()],
    ['says 404', (response) => response.writeHead(404).end()],
    ['sends on to somewhere else', (response) => response.writeHead(302, { location: '/range/00000' }).end()],
    ['hangs up', (response) => response.destroy()],
    ['does not answer', () => {}],
    ['begins an answer and stops', (response) => response.write('0')],
    ['answers without end', (response) => response.write('0'.repeat(300_000))],
  ])(
    'that %s keeps nobody from a new password, is waited for 2 seconds at most, and counted',
    async (_, answer) => {
      ranges.answerWith(answer);
      const failed = await failures();
      const start = performance.now();
      await signUp(fresh());
      expect(performance.now() - start).toBeLessThan(4000);
      expect(await failures()).toBe(failed + 1);
    },
  );

  it('that failed is asked again', async () => {
    const known = fresh();
    ranges.answerWith((response) => response.writeHead(500).end());
    await signUp(known);
    ranges.know({ [known]: 1 });
    expect(await refusal(signUp(known))).toBe(REFUSED);
  });

  async function failures(): Promise<number> {
    const text = await (await fetch(`${house.url}/metrics`)).text();
    return Number(/checks_total\{outcome="failed"\} (\d+)/.exec(text)?.[1] ?? 0);
  }
});

describe('--compromised-passwords', () => {
  it.each([
    'http://passwords.example.com/range',
    'https://user:secret@passwords.example.com/range',
    'https://passwords.example.com/range?key=1',
    'ftp://127.0.0.1/range',
    'passwords.example.com',
  ])('cannot be %s', async (compromisedPasswords) => {
    await expect(openHouse({ compromisedPasswords })).rejects.toThrow(
      '--compromised-passwords must be an https URL without a login',
    );
  });
});
