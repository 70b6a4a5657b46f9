import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { createVerifier, startChallenge, verifyProof } from '../../packages/server/src/domain/sign-in/srp.ts';
import { srpClient } from './srp-client.ts';

/**
 * The floor of an SRP sign-in: the server's own cryptography and nothing else, on one core. Argument: seconds. Prints
 * one line of JSON.
 */
const seconds = Number(process.argv[2]);
const account = { poolName: 'AbCdEf123', userId: 'bench', password: 'Passw0rd!bench' };
const verifier = await createVerifier(account);
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const secretBlock = Buffer.alloc(256, 1);
const { A } = await srpClient();

const sign = () => new SignJWT({ sub: 'bench' }).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);

async function cryptoOfOneSignIn(): Promise<void> {
  const challenge = await startChallenge({ A, verifier });
  if (challenge === undefined) throw new Error('A was refused.');
  verifyProof({ ...account, key: challenge.key, secretBlock, timestamp: 'now', signature: 'AAAA' });
  await Promise.all([sign(), sign()]);
}

const started = performance.now();
let done = 0;
await Promise.all(
  Array.from({ length: 8 }, async () => {
    while (performance.now() - started < seconds * 1000) {
      await cryptoOfOneSignIn();
      done += 1;
    }
  }),
);
console.log(JSON.stringify({ perSecond: (done * 1000) / (performance.now() - started) }));
