import type { MessageCap, MessageCaps } from '../../config/limits.ts';
import { attemptLimitExceeded } from '../../errors.ts';
import { DAY, HOUR } from '../../platform/duration.ts';
import { countMessage } from '../../storage/repositories/attempts.ts';
import type { Unit } from '../../storage/unit.ts';
import type { OutgoingMessage } from '../delivery/enqueue-message.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { RequestFacts, Services } from '../services.ts';
import { standInFor } from '../users/stand-in.ts';
import type { User } from '../users/user.ts';
import { requireWithinEmailDay } from './email-day.ts';
import { createSourceCap } from './source-cap.ts';

/** What strangers may have sent, so that nobody's mailbox, and no budget for SMS, is theirs to fill. */
export interface MessageLimits {
  readonly caps: MessageCaps;
  sourceAllowed(request: RequestFacts, now: number): boolean;
  /** Hears which cap a request reached. */
  refused(request: RequestFacts | undefined, cap: MessageCap): void;
}

/** Undefined where no cap is set. */
export function createMessageLimits(
  caps: MessageCaps,
  refused: (cap: MessageCap) => void,
): MessageLimits | undefined {
  if (Object.keys(caps).length === 0) return undefined;
  const sourceAllowed = caps.SourceHour === undefined ? () => true : createSourceCap(caps.SourceHour);
  // A unit of work that fails may run once more; its request was refused once.
  const heard = new WeakSet<RequestFacts>();
  return {
    caps,
    sourceAllowed,
    refused(request, cap) {
      if (request === undefined || !heard.has(request)) refused(cap);
      if (request !== undefined) heard.add(request);
    },
  };
}

/**
 * Counts a message by its source and by its destination, before it is written in the same unit. Throws
 * LimitExceededException, which takes back what the unit has done: nothing is stored, sent or counted. A simulated
 * message is counted like a real one, so that the answer tells nothing of who exists. The destination's row is locked
 * after the user's; two users who share two addresses may lock those crosswise, and the storage runs one of them again.
 */
export async function requireWithinCaps(
  services: Services,
  unit: Unit,
  pool: UserPool,
  message: OutgoingMessage,
): Promise<void> {
  await requireWithinOwn(services, unit, pool, message);
  // The row of everybody's last: it is locked from here to the commit.
  await requireWithinEmailDay(services, unit, pool, message);
}

/** By what strangers share with nobody: where they ask from, and where the message goes. */
async function requireWithinOwn(
  services: Services,
  unit: Unit,
  pool: UserPool,
  message: OutgoingMessage,
): Promise<void> {
  const { messageLimits, request, clock } = services;
  if (messageLimits === undefined || byAdministrator(request, message)) return;
  const { caps, sourceAllowed, refused } = messageLimits;
  const now = clock.now();
  const refuse = (cap: MessageCap) => {
    refused(request, cap);
    throw attemptLimitExceeded();
  };
  if (request !== undefined && !request.signed && !sourceAllowed(request, now)) refuse('SourceHour');
  if (caps.DestinationHour === undefined && caps.DestinationDay === undefined) return;
  const destination = message.destination ?? message.countsAs ?? message.sub;
  const counted = await countMessage.all(unit, {
    poolId: pool.id,
    destination: holderOf(services, pool, destination),
    now,
    hourEnd: now + HOUR,
    dayEnd: now + DAY,
  });
  for (const { action, count } of counted) {
    const cap = action === 'messages-hour' ? 'DestinationHour' : 'DestinationDay';
    if (count > (caps[cap] ?? count)) refuse(cap);
  }
}

/** What an administrator asks for is sent. A back end that signs people in asks for them: their codes count. */
const byAdministrator = (request: RequestFacts | undefined, { kind, purpose }: OutgoingMessage) =>
  request?.signed === true && !(kind === 'authentication' && purpose === undefined);

/**
 * The sub that a destination is counted under: that of who would stand in for a user of that name. So a stand-in, by
 * whichever of its names it is called, counts as the address that it was made of does for the user who has it; and the
 * address itself stands nowhere.
 */
const holderOf = (services: Services, pool: UserPool, destination: string) =>
  standInFor(services, pool, mailboxOf(destination)).sub;

/** What reaches one mailbox is one address, however it is written: `Ann+1@example.com` is `ann@example.com`. */
function mailboxOf(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 0) return address;
  const tag = address.indexOf('+', 1);
  const box = address.slice(0, tag > 0 && tag < at ? tag : at);
  return (box + address.slice(at)).toLowerCase();
}

/** Whom a message counts for that goes to nobody: a user by the address that they seem to get it at, others by their name. */
export const countedAs = (
  { user, sub }: { readonly user: User | undefined; readonly sub: string },
  typed: string,
  shown: string,
): string => {
  if (user === undefined) return typed;
  return Object.values(user.attributes).includes(shown) ? shown : sub;
};
