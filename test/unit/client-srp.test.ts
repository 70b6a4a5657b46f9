import { describe, expect, it, vi } from 'vitest';
import { proveSrp, startSrp, timestamp } from '../../packages/client/src/srp.ts';
import { N } from '../../packages/client/src/srp-group.ts';
import {
  createVerifier,
  simulatedVerifier,
  startChallenge,
  verifyProof,
} from '../../packages/server/src/domain/sign-in/srp.ts';

const poolName = 'AbCdEf123';
const userId = 'f4a8d4c8-1001-70d2-8d8a-0123456789ab';
const secretBlock = Buffer.from('what the server sealed');

/** One sign-in by SRP: the client against the server's side, which amazon-cognito-identity-js judges in srp.test.ts. */
async function signIn(password: string, verifier: Awaited<ReturnType<typeof createVerifier>>) {
  const start = await startSrp();
  const challenge = await startChallenge({ A: start.A, verifier });
  if (challenge === undefined) throw new Error('The server refused A.');
  const proof = await proveSrp(start, poolName, password, {
    SRP_B: challenge.B,
    SALT: verifier.salt,
    SECRET_BLOCK: secretBlock.toString('base64'),
    USER_ID_FOR_SRP: userId,
  });
  const { PASSWORD_CLAIM_SIGNATURE: signature = '', TIMESTAMP: time = '' } = proof;
  return verifyProof({ poolName, userId, key: challenge.key, secretBlock, timestamp: time, signature });
}

describe('SRP', () => {
  it('proves the password, whatever bytes salt, A and B begin with', async () => {
    for (let round = 0; round < 40; round += 1) {
      const password = `Pässwörd ${round}`;
      const verifier = await createVerifier({ poolName, userId, password });
      expect(await signIn(password, verifier)).toBe(true);
    }
  });

  it('proves no other password, and nothing to a stand-in of a user', async () => {
    const verifier = await createVerifier({ poolName, userId, password: 'right' });
    expect(await signIn('wrong', verifier)).toBe(false);
    expect(await signIn('right', simulatedVerifier(Buffer.from('nobody')))).toBe(false);
  });

  const facts = { SALT: 'ab', SECRET_BLOCK: 'AAAA', USER_ID_FOR_SRP: userId };
  it.each([
    ['0', TypeError],
    [N.toString(16), TypeError],
    ['', SyntaxError],
    ['xyz', SyntaxError],
    ['f'.repeat(800), RangeError],
  ])('refuses B = %.8s', async (SRP_B, error) => {
    await expect(proveSrp(await startSrp(), poolName, 'p', { ...facts, SRP_B })).rejects.toThrow(error);
  });

  it('lets others have their turn while it computes', async () => {
    // Each look at the clock is ten milliseconds after the last: a slow telephone.
    let time = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (time += 10));
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 0);
    await startSrp();
    clearInterval(ticking);
    vi.restoreAllMocks();
    expect(turns).toBeGreaterThan(20);
  });

  it.each([
    ['2026-11-03T07:05:09Z', 'Tue Nov 3 07:05:09 UTC 2026'],
    ['2026-12-24T17:45:00Z', 'Thu Dec 24 17:45:00 UTC 2026'],
  ])('%s is written %s', (time, text) => expect(timestamp(new Date(time))).toBe(text));
});
