import { SECOND } from '../../../platform/duration.ts';
import { httpOnce } from '../../../platform/http-once.ts';

/** Where tests have Amazon SNS stand; no option of an operator leads there. */
export interface SnsStandIn {
  readonly host: string;
  readonly port: number;
  /** PEM of the authority of its certificate, which must be for the real host all the same. */
  readonly ca: string;
}

/** Fetches a URL of Amazon SNS. Throws whatever goes wrong, an answer other than 200 and one that is too large included. */
export type SnsGet = (url: URL) => Promise<string>;

const PATIENCE = 5 * SECOND;
const LARGEST = 16_384;

export const createSnsGet =
  (standIn?: SnsStandIn): SnsGet =>
  async (url) => {
    const { status, body } = await httpOnce(url, {
      headers: { accept: '*/*', 'user-agent': 'poolkeeper' },
      signal: AbortSignal.timeout(PATIENCE),
      largestAnswer: LARGEST,
      ...(standIn && {
        hostname: standIn.host,
        port: standIn.port,
        ca: standIn.ca,
        servername: url.hostname,
      }),
    });
    // A redirect would lead to a host that nobody has looked at.
    if (status !== 200) throw new Error(`HTTP status ${status}`);
    return body;
  };
