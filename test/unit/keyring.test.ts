import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createKeyring } from '../../packages/server/src/platform/keyring.ts';

const masterKey = randomBytes(32);
const keyring = createKeyring(masterKey);

describe('a sealed value', () => {
  it('opens under the same key and context, after a restart as well', () => {
    const sealed = keyring.seal('users.srp/pool/sub', 'secret');
    expect(createKeyring(masterKey).open('users.srp/pool/sub', sealed).toString()).toBe('secret');
    expect(sealed.includes('secret')).toBe(false);
  });

  it('does not open as another row’s, under another key, or altered anywhere', () => {
    const sealed = keyring.seal('here', 'secret');
    expect(() => keyring.open('there', sealed)).toThrow();
    expect(() => createKeyring(randomBytes(32)).open('here', sealed)).toThrow();
    for (let index = 0; index < sealed.length; index += 1) {
      const altered = Buffer.from(sealed);
      altered[index] = (altered[index] as number) ^ 1;
      expect(() => keyring.open('here', altered)).toThrow();
    }
    expect(() => keyring.open('here', sealed.subarray(0, 20))).toThrow(/authentication tag/);
    expect(() => keyring.open('here', new Uint8Array())).toThrow();
  });

  it('never uses a nonce twice', () => {
    const ivs = new Set(
      Array.from({ length: 2000 }, () => keyring.seal('c', 'same').subarray(1, 25).toString('hex')),
    );
    expect(ivs.size).toBe(2000);
  });
});

describe('a value sealed by an earlier version', () => {
  it('still opens: AES-256-GCM with an IV of 12 bytes', () => {
    const key = Buffer.alloc(32, 7);
    const sealed = Buffer.from('AQ0mpYEeLasV3GeEnpGjODGaxEoW0SZbacQHPrqYBct04kM=', 'base64');
    expect(createKeyring(key).open('users.srp/pool/sub', sealed).toString()).toBe('secret');
  });
});

describe('a digest', () => {
  it('depends on its purpose, its data and the key', () => {
    const digests = [
      keyring.digest('code', 'a'),
      keyring.digest('refresh-token', 'a'),
      keyring.digest('code', 'b'),
      createKeyring(randomBytes(32)).digest('code', 'a'),
    ].map((digest) => digest.toString('hex'));
    expect(new Set(digests).size).toBe(4);
    expect(keyring.digest('code', 'a').toString('hex')).toBe(digests[0]);
  });
});
