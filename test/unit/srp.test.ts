import { createHash, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import type { SrpChallenge, SrpVerifier } from '../../packages/server/src/domain/sign-in/srp.ts';
import {
  createVerifier,
  expectedSignature,
  packVerifier,
  simulatedVerifier,
  startChallenge,
  unpackVerifier,
  verifierFromClient,
  verifyProof,
} from '../../packages/server/src/domain/sign-in/srp.ts';
import type { Ephemeral } from '../../packages/server/src/platform/modexp.ts';
import {
  ephemeralOf,
  generator,
  newEphemeral,
  powerOfPublic,
  powerOfSecret,
  prime,
  toBigInt,
  toBytes,
  toElement,
} from '../../packages/server/src/platform/modexp.ts';

// AWS's own client is the judge. Its inner modules have no types.
type JsInteger = { toString(radix: number): string };
type Helper = {
  smallAValue: JsInteger;
  largeAValue: JsInteger;
  UValue: JsInteger;
  getPasswordAuthenticationKey(
    userId: string,
    password: string,
    B: JsInteger,
    salt: JsInteger,
    callback: (error: Error | null, key: Uint8Array) => void,
  ): void;
  calculateA(a: JsInteger, callback: (error: Error | null, A: JsInteger) => void): void;
  calculateS(x: JsInteger, B: JsInteger, callback: (error: Error | null, S: JsInteger) => void): void;
  generateHashDevice(groupKey: string, deviceKey: string, callback: (error: Error | null) => void): void;
  getRandomPassword(): string;
  getSaltDevices(): string;
  getVerifierDevices(): string;
};
const require = createRequire(import.meta.url);
const AwsHelper: new (poolName: string) => Helper =
  require('amazon-cognito-identity-js/lib/AuthenticationHelper.js').default;
const AwsInteger: new (digits: string, radix: number) => JsInteger =
  require('amazon-cognito-identity-js/lib/BigInteger.js').default;
const AwsDate: new () => { getNowString(): string } =
  require('amazon-cognito-identity-js/lib/DateHelper.js').default;

const poolName = 'Ab1';
const userId = 'userid';
const password = 'Passw0rd!';

const awsTemplate = new AwsHelper(poolName);

/** A client with a short, chosen a: the judge's own big-number code takes 200 ms with a full one. */
function clientOf(a: bigint, pool = poolName): Helper {
  const client: Helper = Object.create(AwsHelper.prototype);
  Object.assign(client, awsTemplate, { poolName: pool, smallAValue: new AwsInteger(a.toString(16), 16) });
  client.calculateA(client.smallAValue, (_, A) => {
    client.largeAValue = A;
  });
  return client;
}

type Answer = { secretBlock: Buffer; timestamp: string; signature: string; S: bigint; u: bigint };

/** What the client makes of SALT and SRP_B, signed as CognitoUser.authenticateUser does it. */
function answer(
  client: Helper,
  challenge: SrpChallenge,
  salt: string,
  secret = password,
  user = userId,
  pool = poolName,
): Answer {
  let key: Uint8Array = new Uint8Array();
  let S = 0n;
  const calculateS = client.calculateS;
  client.calculateS = (x, B, callback) =>
    calculateS.call(client, x, B, (error, value) => {
      S = BigInt(`0x${value.toString(16)}`);
      callback(error, value);
    });
  client.getPasswordAuthenticationKey(
    user,
    secret,
    new AwsInteger(challenge.B, 16),
    new AwsInteger(salt, 16),
    (error, value) => {
      if (error) throw error;
      key = value;
    },
  );
  client.calculateS = calculateS;
  const secretBlock = randomBytes(1200);
  const timestamp = new AwsDate().getNowString();
  const { Sha256 } = require('@aws-crypto/sha256-js');
  const mac = new Sha256(key);
  mac.update(
    Buffer.concat([
      Buffer.from(pool, 'utf8'),
      Buffer.from(user, 'utf8'),
      secretBlock,
      Buffer.from(timestamp, 'utf8'),
    ]),
  );
  return {
    secretBlock,
    timestamp,
    signature: Buffer.from(mac.digestSync()).toString('base64'),
    S,
    u: BigInt(`0x${client.UValue.toString(16)}`),
  };
}

async function challengeFor(
  client: Helper,
  verifier: SrpVerifier,
  ephemeral?: Ephemeral,
): Promise<SrpChallenge> {
  const challenge = await startChallenge({ A: client.largeAValue.toString(16), verifier }, ephemeral);
  if (!challenge) throw new Error('challenge refused');
  return challenge;
}

function randomExponent(): bigint {
  return toBigInt(randomBytes(16));
}

/** v for a chosen salt, worked out from the published formula. */
function verifierWithSalt(salt: string): SrpVerifier {
  const saltBytes = Buffer.from(salt.length % 2 ? `0${salt}` : salt, 'hex');
  const padded = (saltBytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), saltBytes]) : saltBytes;
  const identity = createHash('sha256').update(`${poolName}${userId}:${password}`).digest();
  const x = toBigInt(createHash('sha256').update(padded).update(identity).digest());
  return { salt, verifier: toElement(powerOfPublic(generator, x)) };
}

describe('handshake with the AWS client', () => {
  test('full-length a, as the client draws it', async () => {
    const client = new AwsHelper(poolName);
    const verifier = await createVerifier({ poolName, userId, password });
    const challenge = await challengeFor(client, verifier);
    const proof = answer(client, challenge, verifier.salt);
    expect(verifyProof({ poolName, userId, key: challenge.key, ...proof })).toBe(true);
  });

  test('many random ones; a wrong password, user, pool, block or time is refused', async () => {
    const seen = { saltHigh: 0, aHigh: 0, bHigh: 0, uHigh: 0, sHigh: 0 };
    for (let round = 0; round < 40; round += 1) {
      const verifier = unpackVerifier(packVerifier(await createVerifier({ poolName, userId, password })));
      const client = clientOf(randomExponent() + (1n << 500n));
      const challenge = await challengeFor(client, verifier);
      const proof = answer(client, challenge, verifier.salt);
      const claim = { poolName, userId, key: challenge.key, ...proof };
      expect(verifyProof(claim)).toBe(true);
      expect(expectedSignature(claim).toString('base64')).toBe(proof.signature);
      expect(verifyProof({ ...claim, userId: 'other' })).toBe(false);
      expect(verifyProof({ ...claim, poolName: 'other' })).toBe(false);
      expect(verifyProof({ ...claim, secretBlock: randomBytes(1200) })).toBe(false);
      expect(verifyProof({ ...claim, timestamp: `${proof.timestamp} ` })).toBe(false);
      expect(verifyProof({ ...claim, signature: '' })).toBe(false);
      expect(verifyProof({ ...claim, signature: proof.signature.slice(4) })).toBe(false);
      if (round < 5) {
        const wrong = answer(client, challenge, verifier.salt, `${password}x`);
        expect(verifyProof({ poolName, userId, key: challenge.key, ...wrong })).toBe(false);
      }
      seen.saltHigh += topBit(BigInt(`0x${verifier.salt}`));
      seen.aHigh += topBit(BigInt(`0x${client.largeAValue.toString(16)}`));
      seen.bHigh += topBit(BigInt(`0x${challenge.B}`));
      seen.uHigh += topBit(proof.u);
      seen.sHigh += topBit(proof.S);
    }
    for (const count of Object.values(seen)) {
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThan(40);
    }
  });

  // With the salt abcd and b = SHA-256('b'), these a were found by search for what their A, u and S begin with.
  test.each([
    { n: 2019, what: 'S begins with a zero byte and then a set top bit' },
    { n: 2011, what: 'S has an odd count of hex digits' },
    { n: 2003, what: 'S has its top bit set' },
    { n: 2034, what: 'u begins with a zero byte' },
    { n: 2001, what: 'u has its top bit set' },
    { n: 2106, what: 'A begins with a zero byte' },
    { n: 2000, what: 'A has its top bit set' },
  ])('$what', async ({ n, what }) => {
    const verifier = verifierWithSalt('abcd');
    const b = ephemeralOf(toBigInt(createHash('sha256').update('b').digest()));
    const client = clientOf((1n << 200n) + BigInt(n));
    const challenge = await challengeFor(client, verifier, b);
    const proof = answer(client, challenge, verifier.salt);
    expect(verifyProof({ poolName, userId, key: challenge.key, ...proof })).toBe(true);

    const subject = {
      S: proof.S,
      u: proof.u,
      A: BigInt(`0x${client.largeAValue.toString(16)}`),
    }[what[0] as 'S' | 'u' | 'A'];
    if (what.includes('zero byte')) expect(toBytes(subject).length).toBe(what[0] === 'u' ? 31 : 383);
    if (what.includes('top bit')) expect(topBit(subject)).toBe(1);
    if (what.includes('odd')) expect(subject.toString(16).length % 2).toBe(1);
  });

  test.each([
    { n: 190, bytes: 383 },
    { n: 205, bytes: 383 },
    { n: 0, bytes: 384 },
    { n: 1, bytes: 384 },
  ])('B of $bytes bytes', async ({ n, bytes }) => {
    const verifier = verifierWithSalt('abcd');
    const client = clientOf(randomExponent());
    const challenge = await challengeFor(client, verifier, ephemeralOf((1n << 256n) + BigInt(n)));
    expect(toBytes(BigInt(`0x${challenge.B}`)).length).toBe(bytes);
    const proof = answer(client, challenge, verifier.salt);
    expect(verifyProof({ poolName, userId, key: challenge.key, ...proof })).toBe(true);
  });

  test.each(['1', '7f', '80', 'abc', 'ff'.repeat(16), `1${'0'.repeat(30)}`])('salt %s', async (salt) => {
    const verifier = unpackVerifier(packVerifier(verifierWithSalt(salt)));
    expect(verifier.salt).toBe(salt);
    const client = clientOf(randomExponent());
    const challenge = await challengeFor(client, verifier);
    const proof = answer(client, challenge, salt);
    expect(verifyProof({ poolName, userId, key: challenge.key, ...proof })).toBe(true);
  });

  test('a password outside ASCII counts by its exact UTF-8 bytes', async () => {
    const composed = 'Zoë-Pa55!';
    const verifier = await createVerifier({ poolName, userId: 'zoë', password: composed });
    for (const [given, right] of [
      [composed, true],
      [composed.normalize('NFD'), false],
    ] as const) {
      const client = clientOf(randomExponent());
      const challenge = await challengeFor(client, verifier);
      const proof = answer(client, challenge, verifier.salt, given, 'zoë');
      expect(verifyProof({ poolName, userId: 'zoë', key: challenge.key, ...proof })).toBe(right);
    }
  });

  test('A as another client may print it: upper case, zero byte in front', async () => {
    const verifier = await createVerifier({ poolName, userId, password });
    const client = clientOf(randomExponent());
    const A = client.largeAValue.toString(16).toUpperCase().padStart(770, '0');
    const challenge = await startChallenge({ A, verifier });
    if (!challenge) throw new Error('challenge refused');
    const proof = answer(client, challenge, verifier.salt);
    expect(verifyProof({ poolName, userId, key: challenge.key, ...proof })).toBe(true);
  });

  test('a device verifier made by the client', async () => {
    const maker = new AwsHelper('group-key');
    maker.generateHashDevice('group-key', 'us-east-1_device-key', (error) => {
      if (error) throw error;
    });
    const verifier = verifierFromClient({
      salt: Buffer.from(maker.getSaltDevices(), 'hex'),
      verifier: Buffer.from(maker.getVerifierDevices(), 'hex'),
    });
    if (!verifier) throw new Error('verifier refused');
    const names = { poolName: 'group-key', userId: 'us-east-1_device-key' };
    const client = clientOf(randomExponent(), names.poolName);
    const challenge = await challengeFor(client, verifier);
    const proof = answer(
      client,
      challenge,
      verifier.salt,
      maker.getRandomPassword(),
      names.userId,
      names.poolName,
    );
    expect(verifyProof({ ...names, key: challenge.key, ...proof })).toBe(true);
  });
});

describe('what is refused', () => {
  test.each([
    ['zero', '0'],
    ['padded zero', '0'.repeat(768)],
    ['N', prime.toString(16)],
    ['N, padded', `00${prime.toString(16)}`],
    ['2N', (prime * 2n).toString(16)],
    ['3N', (prime * 3n).toString(16)],
    ['N + 1', (prime + 1n).toString(16)],
    ['empty', ''],
    ['no hex', 'xyz'],
    ['a sign', '-1'],
    ['a prefix', '0x12'],
    ['a line break', 'ab\n'],
    ['a space', ' ab'],
    ['771 digits', 'a'.repeat(771)],
    ['771 digits, small value', '1'.padStart(771, '0')],
    ['a megabyte', '0'.repeat(1_000_000)],
  ])('A: %s', async (_, A) => {
    const verifier = await createVerifier({ poolName, userId, password });
    expect(await startChallenge({ A, verifier })).toBeUndefined();
  });

  test('the bases 1 and N-1, by OpenSSL itself', async () => {
    await expect(powerOfSecret(1n, (await newEphemeral()).secret)).rejects.toThrow();
    await expect(powerOfSecret(prime - 1n, (await newEphemeral()).secret)).rejects.toThrow();
  });

  test.each([
    ['0', 0n],
    ['1', 1n],
    ['N-1', prime - 1n],
    ['N', prime],
  ])('device verifier %s', (_, value) => {
    expect(verifierFromClient({ salt: Buffer.of(1), verifier: toBytes(value) })).toBeUndefined();
  });

  test('device salts that are empty or too long, verifiers too long', () => {
    const verifier = toElement(4n);
    expect(verifierFromClient({ salt: Buffer.alloc(0), verifier })).toBeUndefined();
    expect(verifierFromClient({ salt: Buffer.alloc(65, 1), verifier })).toBeUndefined();
    expect(verifierFromClient({ salt: Buffer.of(1), verifier: Buffer.alloc(386) })).toBeUndefined();
    expect(verifierFromClient({ salt: Buffer.of(1), verifier })).toEqual({ salt: '1', verifier });
  });

  test('packed verifiers of a wrong length', async () => {
    const packed = packVerifier(await createVerifier({ poolName, userId, password }));
    expect(() => unpackVerifier(packed.subarray(1))).toThrow(RangeError);
    expect(() => unpackVerifier(packed.subarray(0, -1))).toThrow(RangeError);
    expect(() => unpackVerifier(Buffer.alloc(0))).toThrow(RangeError);
  });
});

describe('simulated verifier', () => {
  test('is stable for a seed, differs between seeds, and lets nobody in', async () => {
    const simulated = simulatedVerifier(Buffer.from('seed'));
    expect(simulatedVerifier(Buffer.from('seed'))).toEqual(simulated);
    expect(simulatedVerifier(Buffer.from('other')).salt).not.toBe(simulated.salt);
    expect(packVerifier(simulated).length).toBeLessThanOrEqual(401);
    const client = clientOf(randomExponent());
    const first = await challengeFor(client, simulated);
    const second = await challengeFor(client, simulated);
    expect(first.B).not.toBe(second.B);
    const proof = answer(client, first, simulated.salt);
    expect(verifyProof({ poolName, userId, key: first.key, ...proof })).toBe(false);
  });

  test('lies in the subgroup of true verifiers', () => {
    for (const seed of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const v = toBigInt(simulatedVerifier(Buffer.from(seed)).verifier);
      expect(powerOfPublic(v, (prime - 1n) / 2n)).toBe(1n);
    }
  });
});

describe('modular powers', () => {
  test('agree with square and multiply', async () => {
    for (const bits of [1, 2, 8, 31, 256]) {
      const exponent = (1n << BigInt(bits)) - 1n - (bits > 4 ? 2n ** 3n : 0n);
      const base = toBigInt(randomBytes(384)) % prime;
      expect(powerOfPublic(base, exponent)).toBe(naive(base, exponent));
      expect(powerOfPublic(base, exponent - 1n)).toBe(naive(base, exponent - 1n));
    }
    const exponent = toBigInt(randomBytes(32));
    const { secret, power } = ephemeralOf(exponent);
    expect(power).toBe(naive(generator, exponent));
    const base = toBigInt(randomBytes(384)) % prime;
    expect(await powerOfSecret(base, secret)).toBe(naive(base, exponent));
    // A non-residue as well: k·v + g^b and a stranger's A may be one.
    expect(await powerOfSecret(prime - 4n, secret)).toBe(naive(prime - 4n, exponent));
    const fresh = await newEphemeral();
    expect(await powerOfSecret(generator, fresh.secret)).toBe(fresh.power);
  });
});

function naive(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % prime;
    if (bit === '1') result = (result * base) % prime;
  }
  return result;
}

function topBit(value: bigint): number {
  return (toBytes(value)[0] ?? 0) >> 7;
}
