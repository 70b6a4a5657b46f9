import { SENDING_LANES } from '../storage/repositories/message-claims.ts';
import { laneOf, type MessageRow } from '../storage/repositories/messages.ts';
import type { SendingLane } from '../storage/schema/messages.ts';

/** Deliveries under way at once, a lane: what hangs or comes by the thousands in one keeps none of another waiting. */
export const PLACES: Readonly<Record<SendingLane, number>> = {
  EMAIL: 10,
  SMS: 10,
  EMAIL_INVITATION: 4,
  SMS_INVITATION: 4,
  FUNCTION: 20,
};
/** Of the functions of one pool. */
export const FUNCTIONS_OF_A_POOL = 5;

export const laneOfMessage = ({ channel, trigger_source }: MessageRow): SendingLane =>
  laneOf(channel, trigger_source);

/** What all messages of a lane leave by; undefined where functions send them. */
export function mediumOf(lane: SendingLane): 'EMAIL' | 'SMS' | undefined {
  if (lane === 'FUNCTION') return undefined;
  return lane === 'EMAIL' || lane === 'EMAIL_INVITATION' ? 'EMAIL' : 'SMS';
}

/** The lanes with places left by these deliveries, and how many. */
export interface Room {
  readonly lanes: readonly SendingLane[];
  places(lane: SendingLane): number;
  /** Of one pool. */
  ofPool(lane: SendingLane, poolId: string): number;
}

export function roomBeside(lasting: readonly MessageRow[]): Room {
  const held = Map.groupBy(lasting, laneOfMessage);
  const places = (lane: SendingLane) => PLACES[lane] - (held.get(lane)?.length ?? 0);
  return {
    lanes: SENDING_LANES.filter((lane) => places(lane) > 0),
    places,
    ofPool(lane, poolId) {
      if (lane !== 'FUNCTION') return Number.POSITIVE_INFINITY;
      const ofIt = held.get(lane)?.filter(({ pool_id }) => pool_id === poolId) ?? [];
      return FUNCTIONS_OF_A_POOL - ofIt.length;
    },
  };
}
