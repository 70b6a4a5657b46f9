import { dictionary } from '@zxcvbn-ts/language-common';
import { expect, test } from 'vitest';
import { isCommonPassword } from '../../packages/server/src/domain/passwords/common-passwords.ts';
import { COMMON_PASSWORDS } from '../../packages/server/src/domain/passwords/common-passwords-list.ts';
import { fingerprintOf, packFingerprints } from '../../packages/server/src/domain/passwords/fingerprints.ts';
import { temporaryPassword } from '../../packages/server/src/domain/passwords/policy.ts';

const listed = dictionary['passwords-common'];

test('the list is the newest that `npm run common-passwords` makes, and small', () => {
  expect(packFingerprints(listed.map(fingerprintOf)) === COMMON_PASSWORDS).toBe(true);
  expect(COMMON_PASSWORDS.length).toBeLessThan(300_000);
});

test('every password of the list is common', () => {
  expect(listed.length).toBeGreaterThan(40_000);
  expect(listed.filter((password) => !isCommonPassword(password))).toEqual([]);
});

test.each(['PASSWORD', 'Password', 'password!', '#1Qwerty#', '(iloveyou)', 'LetMeIn!!!'])(
  'so is %s: in another case, or with symbols around it',
  (password) => {
    expect(isCommonPassword(password)).toBe(true);
  },
);

test.each(['', '!', '!!!!!!!!', 'correct horse battery staple', 'pass!word!x9', 'żółć-ὀδός', '🔑🔑🔑🔑'])(
  '%j is not',
  (password) => {
    expect(isCommonPassword(password)).toBe(false);
  },
);

test('hardly any random password is taken for one', () => {
  const random = Array.from({ length: 5000 }, () => temporaryPassword({}));
  expect(random.filter(isCommonPassword).length).toBeLessThan(5);
});
