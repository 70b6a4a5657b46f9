import { invalid } from '../errors.ts';

/** A place in the longest attribute takes no more. */
const LONGEST = 4096;

/** A page token says where the last page ended, opaque to clients. */
const writePageToken = (last: string) => Buffer.from(last).toString('base64url');

/** Throws InvalidParameterException for what is no page token. */
export function readPageToken(token: string | undefined): string {
  if (token === undefined) return '';
  const last = Buffer.from(token, 'base64url').toString();
  if (last.length > LONGEST || last.includes('\0') || writePageToken(last) !== token) {
    throw invalid('Invalid pagination token.');
  }
  return last;
}

/** A page out of rows that were asked for one beyond it, and the token that the next begins with. */
export function pageOf<Row>(rows: readonly Row[], limit: number, placeOf: (row: Row) => string) {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next = rows.length > limit && last !== undefined ? writePageToken(placeOf(last)) : undefined;
  return { page, next };
}
