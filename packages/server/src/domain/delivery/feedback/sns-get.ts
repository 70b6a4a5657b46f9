import { request } from 'node:https';
import { SECOND } from '../../../platform/duration.ts';

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
  (url) =>
    new Promise((resolve, reject) => {
      const asked = request(
        url,
        {
          agent: false,
          headers: { accept: '*/*', 'user-agent': 'poolkeeper' },
          signal: AbortSignal.timeout(PATIENCE),
          ...(standIn && {
            hostname: standIn.host,
            port: standIn.port,
            ca: standIn.ca,
            servername: url.hostname,
          }),
        },
        (response) => {
          const fail = (reason: string) => {
            reject(new Error(reason));
            asked.destroy();
          };
          // A redirect would lead to a host that nobody has looked at.
          if (response.statusCode !== 200) return fail(`HTTP status ${response.statusCode}`);
          const pieces: Buffer[] = [];
          let size = 0;
          response.on('data', (piece: Buffer) => {
            size += piece.length;
            if (size > LARGEST) fail('The answer is too large.');
            else pieces.push(piece);
          });
          response.on('end', () => resolve(Buffer.concat(pieces).toString()));
          response.on('error', reject);
        },
      );
      asked.on('upgrade', (_response, socket) => {
        socket.destroy();
        reject(new Error('HTTP status 101'));
      });
      asked.on('error', reject);
      asked.end();
    });
