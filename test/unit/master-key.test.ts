import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createKeyring } from '../../packages/server/src/platform/keyring.ts';
import { masterKeyOf } from '../../packages/server/src/platform/master-key.ts';

const bytes = randomBytes(32);
const dataKey = randomBytes(32);

describe('a master key', () => {
  it('opens what it wrapped, after a restart as well, and nothing else does', () => {
    const wrapped = masterKeyOf(bytes).wrap(dataKey);
    expect(masterKeyOf(bytes).unwrap(wrapped)).toEqual(dataKey);
    expect(() => masterKeyOf(randomBytes(32)).unwrap(wrapped)).toThrow();
    expect(() => masterKeyOf(bytes).unwrap(`${wrapped.slice(0, -4)}AAAA`)).toThrow();
  });

  it('is told by a fingerprint that says nothing of it', () => {
    const { fingerprint } = masterKeyOf(bytes);
    expect(masterKeyOf(bytes).fingerprint).toBe(fingerprint);
    expect(masterKeyOf(randomBytes(32)).fingerprint).not.toBe(fingerprint);
    expect(fingerprint).not.toBe(bytes.toString('base64'));
  });

  it('does not open what was sealed under the data key, even where the two are one', () => {
    const context = 'server_state/data-key';
    const sealed = createKeyring(bytes).seal(context, dataKey).toString('base64');
    expect(() => masterKeyOf(bytes).unwrap(sealed)).toThrow();
  });
});
