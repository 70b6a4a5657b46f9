import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AddressAttribute,
  deliveryDetails,
} from '../../packages/server/src/domain/delivery/masked-destination.ts';
import type { UserPool } from '../../packages/server/src/domain/pools/user-pool.ts';
import type { Services } from '../../packages/server/src/domain/services.ts';
import { isStandIn, shownAddressOf, standInFor } from '../../packages/server/src/domain/users/stand-in.ts';
import { createKeyring } from '../../packages/server/src/platform/keyring.ts';

const servicesOf = (key: Uint8Array) => ({ keyring: createKeyring(key) }) as Services;
const services = servicesOf(randomBytes(32));
const poolOf = (id: string, config: object = {}, caseSensitive = true) =>
  ({ id, caseSensitive, config }) as UserPool;
const pool = poolOf('us-east-1_A');
const subOf = (name: string, of = pool) => standInFor(services, of, name).sub;
const names = Array.from({ length: 4000 }, (_, index) => `name-${index}`);

describe('the sub of a stand-in', () => {
  test('is a random UUID for all that can be seen: every free bit is set in half of them, alone and in pairs', () => {
    const subs = names.map((name) => subOf(name));
    for (const sub of subs)
      expect(sub).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const bits = subs.map((sub) =>
      BigInt(`0x${sub.replaceAll('-', '')}`)
        .toString(2)
        .padStart(128, '0'),
    );
    const fixed = new Set([48, 49, 50, 51, 64, 65]);
    const free = Array.from({ length: 128 }, (_, index) => index).filter((index) => !fixed.has(index));
    // Seven standard deviations: a fair coin gets there once in a hundred thousand million.
    const fair = (count: number) =>
      expect(Math.abs(count - names.length / 2)).toBeLessThan(7 * Math.sqrt(names.length / 4));
    for (const one of free) fair(bits.filter((text) => text[one] === '1').length);
    for (const one of free) {
      for (const other of free) {
        if (one < other) fair(bits.filter((text) => text[one] === text[other]).length);
      }
    }
  });

  test('depends on the name, the pool and the key, and on nothing else', () => {
    expect(new Set(names.map((name) => subOf(name))).size).toBe(names.length);
    expect(subOf('ann')).toBe(subOf('ann'));
    expect(subOf('ann')).not.toBe(subOf('ann', poolOf('us-east-1_B')));
    expect(subOf('ann')).not.toBe(standInFor(servicesOf(randomBytes(32)), pool, 'ann').sub);
    expect(subOf('ann')).not.toBe(subOf('Ann'));
    const folding = poolOf('us-east-1_A', {}, false);
    expect(subOf('ANN', folding)).toBe(subOf('ann', folding));
  });

  test('stands for itself', () => {
    for (const name of names.slice(0, 200)) {
      const sub = subOf(name);
      expect(standInFor(services, pool, sub)).toEqual({ sub, username: sub });
    }
  });

  test('is known in its own pool, under its own key, and with every bit as it was', () => {
    const sub = subOf('ann');
    expect(isStandIn(services, pool, sub)).toBe(true);
    expect(isStandIn(services, poolOf('us-east-1_B'), sub)).toBe(false);
    expect(isStandIn(servicesOf(randomBytes(32)), pool, sub)).toBe(false);
    for (const [at, digit] of [...sub].entries()) {
      for (const bit of digit === '-' ? [] : [1, 2, 4, 8]) {
        const other = (Number.parseInt(digit, 16) ^ bit).toString(16);
        expect(isStandIn(services, pool, sub.slice(0, at) + other + sub.slice(at + 1))).toBe(false);
      }
    }
    for (const text of ['', 'ann', sub.toUpperCase(), `${sub}0`, ` ${sub}`])
      expect(isStandIn(services, pool, text)).toBe(false);
    for (let count = 0; count < 2000; count += 1) expect(isStandIn(services, pool, randomUUID())).toBe(false);
  });

  test('shows what the masked address shows that was typed', () => {
    const masked = (attribute: AddressAttribute, address: string) =>
      deliveryDetails(attribute, address).Destination;
    const plane0 = fc.integer({ min: 0x21, max: 0xffff }).map((code) => String.fromCharCode(code));
    const letter = plane0.filter((text) => /^[^\s@.\p{Cs}]$/u.test(text));
    const email = fc
      .tuple(letter, fc.stringMatching(/^[a-z."]{0,9}$/), letter, fc.stringMatching(/^[a-z.]{0,9}$/))
      .map(([first, rest, domain, end]) => `${first}${rest}@${domain}${end}`);
    fc.assert(
      fc.property(email, (name) => {
        const { email: shown } = shownAddressOf(services, pool, subOf(name));
        expect(masked('email', shown as string)).toBe(masked('email', name));
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^\+[1-9][0-9]{1,14}$/), (name) => {
        const { phone_number: shown } = shownAddressOf(services, pool, subOf(name));
        expect(masked('phone_number', shown as string)).toBe(masked('phone_number', name));
      }),
    );
    expect(shownAddressOf(services, pool, subOf('ann'))).toEqual({});
  });
});

test('the username of a stand-in is its sub where a user of that name would have another one', () => {
  const aliases = poolOf('us-east-1_A', { AliasAttributes: ['email'] });
  const addresses = poolOf('us-east-1_A', { UsernameAttributes: ['email'] });
  const isSub = (of: UserPool, name: string) => {
    const { sub, username } = standInFor(services, of, name);
    expect([sub, name]).toContain(username);
    return username === sub;
  };
  expect([pool, aliases, addresses].map((of) => isSub(of, 'ann@example.com'))).toEqual([false, true, true]);
  expect([pool, aliases, addresses].map((of) => isSub(of, 'ann'))).toEqual([false, false, true]);
});
