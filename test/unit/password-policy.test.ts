import type { PasswordPolicyType } from '@poolkeeper/model';
import { describe, expect, test } from 'vitest';
import { checkPolicy, temporaryPassword } from '../../packages/server/src/domain/passwords/policy.ts';

const strict: PasswordPolicyType = {
  MinimumLength: 8,
  RequireLowercase: true,
  RequireUppercase: true,
  RequireNumbers: true,
  RequireSymbols: true,
};
const symbols: PasswordPolicyType = { RequireSymbols: true };

describe('checkPolicy', () => {
  test.each<[string, PasswordPolicyType, string | undefined]>([
    ['Passw0rd!', strict, undefined],
    ['Pa0!abc', strict, 'Password not long enough'],
    ['', strict, 'Password not long enough'],
    ['passw0rd!', strict, 'Password must have uppercase characters'],
    ['PASSW0RD!', strict, 'Password must have lowercase characters'],
    ['Password!', strict, 'Password must have numeric characters'],
    ['Passw0rdd', strict, 'Password must have symbol characters'],
    // length first, then lower, upper, numeric, symbol
    ['____', strict, 'Password not long enough'],
    ['________', strict, 'Password must have lowercase characters'],
    ['a_______', strict, 'Password must have uppercase characters'],
    ['aA______', strict, 'Password must have numeric characters'],
    ['aA1xxxxx', strict, 'Password must have symbol characters'],
    // an inner space is a symbol, an outer one is not
    ['Passw0rd x', strict, undefined],
    ['Passw0rd  x', strict, undefined],
    ['Passw0rdx ', strict, 'Password must have symbol characters'],
    [' Passw0rdx', strict, 'Password must have symbol characters'],
    ['  Passw0rdx  ', strict, 'Password must have symbol characters'],
    ['  Passw0 rdx  ', strict, undefined],
    // only Basic Latin letters, ASCII digits and the listed symbols count
    ['ßassw0rd!', strict, 'Password must have uppercase characters'],
    ['ÄÖÜÄÖÜ0!', strict, 'Password must have lowercase characters'],
    ['Password٣!', strict, 'Password must have numeric characters'],
    ['Passw0rd€', strict, 'Password must have symbol characters'],
    ['Passw0rd\t1', strict, 'Password must have symbol characters'],
    // what the policy does not ask for
    ['aaaaaaaa', { MinimumLength: 8 }, undefined],
    ['aaaaaa', {}, undefined],
    ['aaaaa', {}, 'Password not long enough'],
    ['aaaaaaaa', { MinimumLength: 8, RequireNumbers: false }, undefined],
  ])('%j under %j', (password, policy, reason) => {
    expect(checkPolicy(policy, password)).toBe(reason);
  });

  test('every symbol of the guide, and no other printable ASCII', () => {
    const listed = '^$*.[]{}()?"!@#%&/\\,><\':;|_~`=+-';
    for (let code = 0x21; code < 0x7f; code += 1) {
      const character = String.fromCharCode(code);
      const isSymbol = checkPolicy(symbols, `aaaaa${character}`) === undefined;
      expect([character, isSymbol]).toEqual([character, listed.includes(character)]);
    }
  });
});

describe('temporaryPassword', () => {
  test.each([{}, strict, { ...strict, MinimumLength: 6 }, { ...strict, MinimumLength: 99 }])(
    'satisfies %j',
    (policy: PasswordPolicyType) => {
      const made = new Set<string>();
      for (let round = 0; round < 200; round += 1) {
        const password = temporaryPassword(policy);
        expect(checkPolicy({ ...strict, ...policy }, password)).toBeUndefined();
        expect(password).toHaveLength(Math.max(12, policy.MinimumLength ?? 0));
        expect(password).toMatch(/^[A-Za-z0-9][A-Za-z0-9!#$%*+=?@_-]+[A-Za-z0-9]$/);
        expect(password).not.toMatch(/[lI1oO0]/);
        made.add(password);
      }
      expect(made.size).toBe(200);
    },
  );

  test('draws every character of its alphabet, none far oftener than its like', () => {
    const counts = new Map<string, number>();
    for (let round = 0; round < 4000; round += 1) {
      for (const character of temporaryPassword({})) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect(counts.size).toBe(67);
    const letters = [...counts].filter(([character]) => /[A-Za-z]/.test(character)).map(([, count]) => count);
    // About 710 of each: a departure of 20% is more than five standard deviations.
    expect(Math.max(...letters) / Math.min(...letters)).toBeLessThan(1.5);
  });
});
