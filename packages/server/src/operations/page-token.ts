import { invalid } from '../errors.ts';

/** A page token is the id the last page ended with, opaque to clients. */
const writePageToken = (last: string) => Buffer.from(last).toString('base64url');

/** Throws InvalidParameterException for what is no page token. */
export function readPageToken(token: string | undefined): string {
  if (token === undefined) return '';
  const last = Buffer.from(token, 'base64url').toString();
  if (last.length > 128 || writePageToken(last) !== token) throw invalid('Invalid pagination token.');
  return last;
}

/** A page out of rows that were asked for one beyond it. */
export function pageOf<Row extends { id: string } | { sub: string }>(rows: readonly Row[], limit: number) {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next =
    rows.length > limit && last !== undefined ? writePageToken('id' in last ? last.id : last.sub) : undefined;
  return { page, next };
}
