import { hash } from 'node:crypto';
import { headerNotSigned, missingAuthentication, signatureIncomplete, signatureInvalid } from '../errors.ts';
import type { WireRequest } from './wire-request.ts';

export type SignedRequest = Pick<WireRequest, 'method' | 'url' | 'rawHeaders' | 'body'>;

/** What every signature must be made for. */
export interface Scope {
  readonly region: string;
  readonly service: string;
}

/** What a request says of its own signature: in good form and of now, but not proven yet. */
export interface Claim {
  readonly accessKeyId: string;
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly timestamp: string;
  /** As listed, separated by semicolons. */
  readonly signedHeaders: string;
  readonly signature: string;
  readonly headers: Headers;
}

/** Values under their names in lower case, in the order they were sent in. */
export type Headers = ReadonlyMap<string, readonly string[]>;

const ALGORITHM = 'AWS4-HMAC-SHA256';
const TERMINATOR = 'aws4_request';
const SKEW = 5 * 60_000;
/** The longest of an SDK, with a dozen signed headers, has some 400 characters. */
const LONGEST_AUTHORIZATION = 4096;
const SHOWN = 128;

/**
 * Reads the Authorization header (AWS Signature Version 4) and checks all that needs no key, in the order of AWS's
 * front. Throws MissingAuthenticationToken-, IncompleteSignature- or InvalidSignatureException.
 */
export function readClaim(request: SignedRequest, scope: Scope, now: number): Claim {
  const headers = headersOf(request.rawHeaders);
  const authorization = headers.get('authorization')?.join(',');
  if (authorization === undefined || authorization === '') throw missingAuthentication();
  const { algorithm, parameters } = readAuthorization(authorization);
  const sentDate = (headers.get('x-amz-date') ?? headers.get('date'))?.join(',');
  const missing = ['Credential', 'Signature', 'SignedHeaders']
    .filter((name) => !parameters.has(name))
    .map((name) => `Authorization header requires '${name}' parameter. `);
  if (sentDate === undefined) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
  }
  if (sentDate === undefined || missing.length > 0) {
    throw signatureIncomplete(
      `${missing.join('')}(Hashed with SHA-256 and encoded with Base64) Authorization=${fingerprint(authorization)}`,
    );
  }
  requireCurrent(sentDate, now);
  const signedHeaders = parameters.get('SignedHeaders') as string;
  requireSigned(signedHeaders.split(';'), headers);
  if (algorithm !== ALGORITHM) {
    throw signatureIncomplete(
      `Unsupported AWS 'algorithm': '${shown(algorithm)}' (only ${ALGORITHM} for now). `,
    );
  }
  return {
    accessKeyId: readCredential(parameters.get('Credential') as string, scope, sentDate),
    timestamp: sentDate,
    signedHeaders,
    signature: parameters.get('Signature') as string,
    headers,
  };
}

/** The access key that a request names, for who reports a refusal; undefined unless it looks like one. */
export function claimedAccessKeyId({ rawHeaders }: SignedRequest): string | undefined {
  const authorization =
    headersOf(rawHeaders).get('authorization')?.[0]?.slice(0, LONGEST_AUTHORIZATION) ?? '';
  return /^[^=]{1,32}Credential=([A-Za-z0-9]{1,128})\//.exec(authorization)?.[1];
}

function headersOf(rawHeaders: readonly string[]): Headers {
  const headers = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase();
    const value = rawHeaders[index + 1] as string;
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return headers;
}

function readAuthorization(text: string): { algorithm: string; parameters: Map<string, string> } {
  const [algorithm = '', ...rest] = text.slice(0, LONGEST_AUTHORIZATION).trim().split(' ');
  const pieces = rest
    .join('')
    .split(',')
    .filter((piece) => piece !== '');
  const parameters = new Map(
    pieces.map((piece) => [piece.slice(0, piece.indexOf('=')), piece.slice(piece.indexOf('=') + 1)]),
  );
  const malformed = pieces.some((piece) => !piece.includes('=')) || parameters.size < pieces.length;
  if (malformed || text.length > LONGEST_AUTHORIZATION) {
    throw signatureIncomplete(
      `Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '${fingerprint(text)}'.`,
    );
  }
  return { algorithm, parameters };
}

/** AWS too stopped to repeat the header itself: people send their tokens in it. */
const fingerprint = (authorization: string) => hash('sha256', authorization, 'base64');

const shown = (text: string) => text.slice(0, SHOWN);

function requireCurrent(timestamp: string, now: number): void {
  const time = timeOf(timestamp);
  if (time === undefined) {
    throw signatureIncomplete(
      `Date must be in ISO-8601 'basic format'. Got '${shown(timestamp)}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  }
  const second = Math.floor(now / 1000) * 1000;
  if (time < second - SKEW) {
    throw signatureInvalid(
      `Signature expired: ${timestamp} is now earlier than ${basic(second - SKEW)} (${basic(second)} - 5 min.)`,
    );
  }
  if (time > second + SKEW) {
    throw signatureInvalid(
      `Signature not yet current: ${timestamp} is still later than ${basic(second + SKEW)} (${basic(second)} + 5 min.)`,
    );
  }
}

const BASIC = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

function timeOf(timestamp: string): number | undefined {
  const time = Date.parse(timestamp.replace(BASIC, '$1-$2-$3T$4:$5:$6Z'));
  // `Date` takes the 31st of February for the 3rd of March.
  return Number.isNaN(time) || basic(time) !== timestamp ? undefined : time;
}

const basic = (time: number) => `${new Date(time).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

/** A header that could change the meaning of the request must not be added to it after it was signed. */
function requireSigned(names: readonly string[], headers: Headers): void {
  if (!names.includes('host')) throw headerNotSigned("'Host' or ':authority'");
  for (const name of headers.keys()) {
    // Where there is no X-Amz-Date, the Date is what was checked.
    const counts = name.startsWith('x-amz-') || (name === 'date' && !headers.has('x-amz-date'));
    if (counts && !names.includes(name)) throw headerNotSigned(`'${shown(name)}'`);
  }
}

/** Resolves `<access key id>/<date>/<region>/<service>/aws4_request` to the id. */
function readCredential(credential: string, scope: Scope, timestamp: string): string {
  const [id = '', date = '', region = '', service = '', terminator = '', ...more] = credential.split('/');
  if (terminator === '' || more.length > 0) {
    throw signatureIncomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${shown(credential)}'`,
    );
  }
  const day = timestamp.slice(0, 8);
  const faults = [
    region !== scope.region && `Credential should be scoped to a valid region, not '${shown(region)}'. `,
    service !== scope.service && `Credential should be scoped to correct service: '${scope.service}'. `,
    terminator !== TERMINATOR &&
      `Credential should be scoped with a valid terminator: '${TERMINATOR}', not '${shown(terminator)}'. `,
    date !== day &&
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${shown(date)}' != '${day}', from '${timestamp}'. `,
  ].filter((fault) => fault !== false);
  if (faults.length > 0) throw signatureInvalid(faults.join(''));
  return id;
}
