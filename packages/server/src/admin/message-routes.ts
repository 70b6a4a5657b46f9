import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { invalid } from '../errors.ts';
import { MINUTE } from '../platform/duration.ts';
import type { MessageRow } from '../storage/repositories/messages.ts';
import type { Inbox, InboxQuery, Patience } from './inbox.ts';
import { integerTextIn, readQuery } from './read-request.ts';

const LONGEST_WAIT = MINUTE;
const LARGEST_LISTING = 500;
export const LISTED = 100;
/** The longest value that a user's attribute can have. */
const LONGEST_ADDRESS = 2048;

/** The messages as `show` has them, and unless they are a record (production) a way to be rid of them. */
export function messageRoutes(
  app: FastifyInstance,
  inbox: Inbox,
  { show, canClear }: { show: (row: MessageRow) => object; canClear: boolean },
): void {
  app.get('/_poolkeeper/messages', async (request, reply) => {
    const asked = readQuery(request, ['to', 'userPoolId', 'limit', 'waitMs']);
    const query: InboxQuery = {
      to: addressOf(asked.to),
      userPoolId: poolIdOf(asked.userPoolId),
      limit: asked.limit === undefined ? LISTED : integerTextIn('limit', asked.limit, 1, LARGEST_LISTING),
    };
    const patience = patienceOf(request, reply, asked.waitMs);
    const { rows, version } = await inbox.list(query, patience);
    reply.header('etag', `"${version}"`);
    if (version === patience.known) return reply.code(304).send();
    return { messages: rows.map(show) };
  });

  if (!canClear) return;
  app.delete('/_poolkeeper/messages', async (_, reply) => {
    await inbox.clear();
    return reply.code(204).send();
  });
}

/** An exact address; undefined for none. */
export function addressOf(text: string | undefined): string | undefined {
  // No address has a space in it, but many a caller writes `to=+15550100` without encoding the plus.
  const address = text
    ?.replace(/^ (?=\d)/, '+')
    .trim()
    .replaceAll(' ', '+');
  if (address !== undefined && (address.length > LONGEST_ADDRESS || /\p{Cc}/u.test(address))) {
    throw invalid(`to must be an email address or a phone number of at most ${LONGEST_ADDRESS} characters.`);
  }
  return address === '' ? undefined : address;
}

/** Of the form of a user pool's id; throws InvalidParameterException. */
export function poolIdOf(text: string | undefined): string | undefined {
  if (text !== undefined && !/^[\w-]{1,55}$/.test(text)) {
    throw invalid('userPoolId must be the id of a user pool, such as us-east-1_AbCdEf123.');
  }
  return text;
}

/**
 * How long the caller will wait; it ends when the caller goes away. Who sends the ETag of the answer that he has in
 * If-None-Match waits for another one, and gets 304 when there is none.
 */
export function patienceOf(
  request: FastifyRequest,
  reply: FastifyReply,
  waitMs: string | undefined,
): Patience {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return {
    waitMs: waitMs === undefined ? 0 : integerTextIn('waitMs', waitMs, 0, LONGEST_WAIT),
    known: request.headers['if-none-match']?.replace(/^(?:W\/)?"(.*)"$/, '$1'),
    gone: gone.signal,
  };
}
