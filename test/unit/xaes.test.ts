import { describe, expect, it } from 'vitest';
import { createXaes } from '../../packages/server/src/platform/xaes.ts';

const nonce = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWX');
const keyOf = (byte: number) => Buffer.alloc(32, byte);

// The two keys take both branches of the doubling.
describe('XAES-256-GCM, by the vectors of its specification', () => {
  it.each([
    [1, '', 'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271'],
    [3, 'c2sp.org/XAES-256-GCM', '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d'],
  ])('key %i', (byte, context, expected) => {
    const [tag, ...body] = createXaes(keyOf(byte)).encrypt(nonce, 'XAES-256-GCM', context);
    expect(Buffer.concat([...body, tag as Buffer]).toString('hex')).toBe(expected);
  });

  it('opens what it sealed, and nothing that was altered', () => {
    const xaes = createXaes(keyOf(1));
    const sealed = Buffer.concat(xaes.encrypt(nonce, 'secret', 'place'));
    expect(xaes.decrypt(nonce, sealed, 'place').toString()).toBe('secret');
    expect(() => xaes.decrypt(nonce, sealed, 'elsewhere')).toThrow();
    expect(() => createXaes(keyOf(2)).decrypt(nonce, sealed, 'place')).toThrow();
    for (let index = 0; index < nonce.length; index += 1) {
      const other = Buffer.from(nonce);
      other[index] = (other[index] as number) ^ 1;
      expect(() => xaes.decrypt(other, sealed, 'place')).toThrow();
    }
    for (const length of [0, 4, 15])
      expect(() => xaes.decrypt(nonce, sealed.subarray(0, length), 'place')).toThrow();
  });
});
