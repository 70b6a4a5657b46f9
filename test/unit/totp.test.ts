import fc from 'fast-check';
import { Secret, TOTP } from 'otpauth';
import { describe, expect, it } from 'vitest';
import { base32, checkTotp, codeAt, newSeed } from '../../packages/server/src/domain/mfa/totp.ts';

const seeds = fc.uint8Array({ minLength: 1, maxLength: 64 });
const times = fc.integer({ min: 1_000_000_000, max: 4_000_000_000_000 });
const STEP = 30_000;

describe('a code', () => {
  it('is that of RFC 6238, appendix B, in its last six digits', () => {
    const seed = Buffer.from('12345678901234567890');
    for (const [seconds, code] of [
      [59, '287082'],
      [1111111109, '081804'],
      [1111111111, '050471'],
      [1234567890, '005924'],
      [2000000000, '279037'],
      [20000000000, '353130'],
    ] as const) {
      expect(codeAt(seed, Math.floor(seconds / 30))).toBe(code);
    }
  });

  it('is the one that another implementation shows who was given the base32', () => {
    fc.assert(
      fc.property(seeds, times, (seed, timestamp) => {
        const totp = new TOTP({ secret: Secret.fromBase32(base32(seed)) });
        expect(codeAt(seed, Math.floor(timestamp / STEP))).toBe(totp.generate({ timestamp }));
      }),
    );
  });
});

describe('the base32 of a seed', () => {
  it('is that of RFC 4648, section 10, without padding', () => {
    const texts = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'];
    expect(texts.map((text) => base32(Buffer.from(text)))).toEqual([
      ...['', 'MY', 'MZXQ', 'MZXW6', 'MZXW6YQ', 'MZXW6YTB', 'MZXW6YTBOI'],
    ]);
  });

  it('is 52 characters long, as on Amazon Cognito', () => {
    expect(base32(newSeed())).toMatch(/^[A-Z2-7]{52}$/);
  });
});

describe('checkTotp', () => {
  it('takes the codes of now and of a step around it, each once, and no other', () => {
    const steps = fc.integer({ min: -4, max: 4 });
    fc.assert(
      fc.property(seeds, times, steps, steps, (seed, now, shown, last) => {
        const current = Math.floor(now / STEP);
        const code = codeAt(seed, current + shown);
        const lastStep = current + last;
        const near = [-1, 0, 1].filter((step) => codeAt(seed, current + step) === code);
        const { outcome } = checkTotp(seed, code, { now, lastStep });
        if (near.length === 0) expect(outcome).toBe('wrong');
        else expect(outcome).toBe(Math.max(...near) > last ? 'right' : 'used');
      }),
    );
  });

  it('takes nothing that only looks like a code', () => {
    const now = 1_700_000_000_000;
    fc.assert(
      fc.property(seeds, fc.string(), (seed, given) => {
        if (/^\d{6}$/.test(given)) return;
        expect(checkTotp(seed, given, { now, lastStep: 0 })).toEqual({ outcome: 'wrong' });
      }),
    );
  });
});
