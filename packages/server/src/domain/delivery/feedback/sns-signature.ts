import { verify, X509Certificate } from 'node:crypto';
import { MINUTE } from '../../../platform/duration.ts';
import { createPromiseCache } from '../../../platform/promise-cache.ts';
import type { SnsGet } from './sns-get.ts';
import { type SnsMessage, signedText, snsUrlOf } from './sns-message.ts';

/** Certificates change once a year, one a region; more than this at a time is somebody's game. */
const KEPT = 32;
/** How many are fetched a minute for messages whose signature is not known to be good. */
const FETCHED_A_MINUTE = 20;

const algorithms = { '1': 'sha1', '2': 'sha256' } as const;

/**
 * `false` is a message that Amazon SNS did not sign; it throws where that could not be found out, because the
 * certificate could not be fetched.
 */
export type IsSignedBySns = (message: SnsMessage) => Promise<boolean>;

export function createSnsSignatures(
  get: SnsGet,
  now: () => number,
  steady = () => performance.now(),
): IsSignedBySns {
  const certificates = createPromiseCache<X509Certificate | undefined>(KEPT);
  let [minute, fetched] = [Number.NEGATIVE_INFINITY, 0];

  async function fetchCertificate(url: URL): Promise<X509Certificate | undefined> {
    if (steady() - minute >= MINUTE) [minute, fetched] = [steady(), 0];
    fetched += 1;
    if (fetched > FETCHED_A_MINUTE) throw new Error('Too many certificates were asked for.');
    const pem = await get(url);
    try {
      return new X509Certificate(pem);
    } catch {
      return undefined;
    }
  }

  return async (message) => {
    const url = snsUrlOf(message.SigningCertURL, message.TopicArn);
    // Whatever else that host serves, a user's own files perhaps, is no certificate of it.
    if (url === undefined || !/^\/[\w-]{1,128}\.pem$/.test(url.pathname) || url.search !== '') return false;
    const certificate = await certificates.get(url.pathname + url.hostname, () => fetchCertificate(url));
    if (certificate === undefined || !isValidAt(certificate, now())) return false;
    const { publicKey } = certificate;
    if (publicKey.asymmetricKeyType !== 'rsa') return false;
    const text = Buffer.from(signedText(message));
    const signature = Buffer.from(message.Signature, 'base64');
    return verify(algorithms[message.SignatureVersion], text, publicKey, signature);
  };
}

const isValidAt = ({ validFromDate, validToDate }: X509Certificate, now: number) =>
  validFromDate.getTime() <= now && now <= validToDate.getTime();
