import { createHash, createHmac } from 'node:crypto';
import {
  newEphemeral,
  powerOfPublic,
  powerOfSecret,
  prime,
  toBigInt,
  toBytes,
} from '../../packages/server/src/platform/modexp.ts';

/** The client's half of Cognito's SRP, by OpenSSL: the one in amazon-cognito-identity-js would be the bottleneck. */
export async function srpClient() {
  const ephemeral = await newEphemeral();
  /** `g^x` of the last account: a device that signs in again would have to work it out again, a load need not. */
  let known: { salt: string; x: bigint; verifier: bigint } | undefined;
  return {
    A: ephemeral.power.toString(16),

    async proof(
      account: { poolName: string; userId: string; password: string },
      parameters: Record<string, string>,
    ) {
      const { SALT: salt = '', SRP_B: serverValue = '', SECRET_BLOCK: block = '' } = parameters;
      const B = BigInt(`0x${serverValue}`);
      if (known?.salt !== salt) {
        const identity = hash(`${account.poolName}${account.userId}:${account.password}`);
        const x = toBigInt(hash(signed(BigInt(`0x${salt}`)), identity));
        known = { salt, x, verifier: powerOfPublic(2n, x) };
      }
      const { x, verifier } = known;
      const u = toBigInt(hash(signed(ephemeral.power), signed(B)));
      const k = toBigInt(hash(signed(prime), Buffer.of(2)));
      const base = (((B - ((k * verifier) % prime)) % prime) + prime) % prime;
      const S =
        ((await powerOfSecret(base, ephemeral.secret)) * powerOfPublic(powerOfPublic(base, u), x)) % prime;
      const prk = createHmac('sha256', signed(u)).update(signed(S)).digest();
      const key = createHmac('sha256', prk).update('Caldera Derived Key\u0001').digest().subarray(0, 16);
      const timestamp = cognitoTime(new Date());
      const signature = createHmac('sha256', key)
        .update(account.poolName + account.userId)
        .update(Buffer.from(block, 'base64'))
        .update(timestamp)
        .digest('base64');
      return {
        USERNAME: account.userId,
        PASSWORD_CLAIM_SECRET_BLOCK: block,
        PASSWORD_CLAIM_SIGNATURE: signature,
        TIMESTAMP: timestamp,
      };
    },
  };
}

/** Java's two's complement, which Cognito hashes: a zero byte in front where the top bit is set. */
function signed(value: bigint): Buffer {
  const bytes = toBytes(value);
  return (bytes[0] as number) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

function hash(...parts: (string | Uint8Array)[]): Buffer {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest();
}

/** `EEE MMM d HH:mm:ss UTC yyyy` in English, the day unpadded. */
function cognitoTime(date: Date): string {
  const [, weekday, day, month, year, time] = /(\w+), (\d+) (\w+) (\d+) (\S+)/.exec(date.toUTCString()) ?? [];
  return `${weekday} ${month} ${Number(day)} ${time} UTC ${year}`;
}
