import { describe, expect, test } from 'vitest';
import {
  dummyHash,
  HASHES_AT_ONCE,
  hashPassword,
  verifyPassword,
} from '../../packages/server/src/platform/password-hash.ts';

// From src/test.c of phc-winner-argon2, the reference implementation (password, somesalt).
const vectors = [
  '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc',
];

describe('password hash', () => {
  test.each(vectors)('verifies the reference vector %s', async (phc) => {
    expect(await verifyPassword(phc, 'password')).toBe(true);
    expect(await verifyPassword(phc, 'Password')).toBe(false);
  });

  test('makes PHC strings under fresh salts', async () => {
    const [first, second] = await Promise.all([hashPassword('Passw0rd!'), hashPassword('Passw0rd!')]);
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(second).not.toBe(first);
    expect(await verifyPassword(first, 'Passw0rd!')).toBe(true);
    expect(await verifyPassword(first, 'Passw0rd')).toBe(false);
    expect(await verifyPassword(first, '')).toBe(false);
  });

  test('compares exact bytes, without normalisation', async () => {
    const phc = await hashPassword('Zo\u00eb');
    expect(await verifyPassword(phc, 'Zo\u00eb')).toBe(true);
    expect(await verifyPassword(phc, 'Zoe\u0308')).toBe(false);
  });

  test('the dummy hash has the current parameters and no password', async () => {
    const real = await hashPassword('x');
    expect(dummyHash.split('$').slice(0, 4)).toEqual(real.split('$').slice(0, 4));
    expect(dummyHash.length).toBe(real.length);
    expect(await verifyPassword(dummyHash, 'x')).toBe(false);
  });

  test.each([
    '',
    'plain',
    '$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    '$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    '$argon2id$v=19$m=262145,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    '$argon2id$v=19$m=256,t=17,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    '$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    '$argon2id$v=19$m=256,t=2,p=9$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    '$argon2id$v=19$m=4,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65',
  ])('refuses %j', async (phc) => {
    await expect(verifyPassword(phc, 'password')).rejects.toThrow(RangeError);
  });
});

describe('a crowd of hashes', () => {
  test('leaves a thread of the pool to others', () => {
    expect(HASHES_AT_ONCE).toBeGreaterThanOrEqual(1);
    expect(HASHES_AT_ONCE).toBeLessThanOrEqual(3);
  });

  test('does not hold up the event loop', async () => {
    let worst = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      worst = Math.max(worst, performance.now() - last);
      last = performance.now();
    }, 1);
    await Promise.all(Array.from({ length: 12 }, () => hashPassword('Passw0rd!')));
    clearInterval(timer);
    // Twelve hashes on the loop would be a third of a second; the slack is for a busy test machine.
    expect(worst).toBeLessThan(150);
  });
});
