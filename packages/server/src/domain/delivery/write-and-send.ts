import { attemptLimitExceeded } from '../../errors.ts';
import { uncountAttempt } from '../../storage/repositories/attempts.ts';
import type { Unit } from '../../storage/unit.ts';
import { attemptAllowed, attemptOf } from '../codes/attempt-limit.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { customMessage, type Shapeable as Shape, type ShapedMessage } from '../triggers/custom-message.ts';
import type { Metadata } from '../triggers/event.ts';
import { pretendToRun } from '../triggers/pretend-to-run.ts';
import { functionAt } from '../triggers/trigger.ts';
import type { User } from '../users/user.ts';

/** Who has messages sent, as triggers are told. */
export interface Sender {
  /** The app client's; undefined where an administrator asks without one. */
  readonly clientId: string | undefined;
  /** For the functions of CustomMessage and of the custom senders, where the operation's reaches them. */
  readonly clientMetadata?: Metadata | undefined;
  /** For the custom senders, where the operation's reaches them alone. */
  readonly senderMetadata?: Metadata | undefined;
}

/** A unit of work that may write messages. */
export interface SendingUnit extends Unit {
  readonly sender: Sender;
  /** What the pool's CustomMessage function made of a message, by `keyOf` it. */
  readonly shaped: ReadonlyMap<string, ShapedMessage | undefined>;
}

type Addressee = Pick<User, 'sub' | 'username' | 'status' | 'attributes'>;
interface Shapeable extends Shape {
  readonly sub: string;
  /** Undefined for a simulated message. */
  readonly user: Addressee | undefined;
}

/** Who was nobody to send to when a unit began may be a user when it runs again. */
const keyOf = ({ triggerSource, channel, sub, user }: Shapeable) =>
  `${triggerSource}/${channel}/${user === undefined ? 'nobody' : 'user'}/${sub}`;

/** Ends a unit whose message waits for the pool's function: the unit runs again once that has answered. */
class NotShapedYet extends Error {
  readonly waiting: Shapeable;
  constructor(message: Shapeable) {
    super('A message has not been shaped yet.');
    this.waiting = message;
  }
}

/**
 * `storage.write` for work that may send messages. No function runs inside of a unit: one that comes to a message which
 * the pool's CustomMessage function has yet to shape is taken back, the function called, and the unit run again. So a
 * function that fails leaves everything as it was, but for the count of such calls. Throws what `runTrigger` throws, and
 * LimitExceededException.
 */
export async function writeAndSend<T>(
  services: Services,
  pool: UserPool,
  sender: Sender,
  work: (unit: SendingUnit) => Promise<T>,
): Promise<T> {
  const shaped = new Map<string, ShapedMessage | undefined>();
  const counted = new Set<string>();
  for (;;) {
    try {
      return await services.storage.write(async (unit) => {
        const result = await work({ ...unit, sender, shaped });
        for (const sub of counted) await uncountAttempt.run(unit, callOf(services, pool, sub));
        return result;
      });
    } catch (error) {
      if (!(error instanceof NotShapedYet)) throw error;
      const { waiting } = error;
      if (mayBeAnybodys(sender, waiting) && !counted.has(waiting.sub)) {
        await countCall(services, pool, waiting.sub);
        counted.add(waiting.sub);
      }
      shaped.set(keyOf(waiting), await shape(services, pool, sender, waiting));
    }
  }
}

const callOf = (services: Services, pool: UserPool, sub: string) =>
  attemptOf(pool, sub, 'shape-message', services.clock.now());

/** Not an administrator's, nor to who is only about to be a user, whose sub is new each time. */
const mayBeAnybodys = ({ clientId }: Sender, { triggerSource }: Shapeable) =>
  clientId !== undefined &&
  triggerSource !== 'CustomMessage_SignUp' &&
  triggerSource !== 'CustomMessage_AdminCreateUser';

/**
 * The unit that counts the attempt is taken back while the function runs, and for good when it fails: so that a stranger
 * cannot have it called without end, calls under way and calls that failed are counted by themselves.
 */
async function countCall(services: Services, pool: UserPool, sub: string): Promise<void> {
  const allowed = await services.storage.write((unit) =>
    attemptAllowed(unit, pool, sub, 'shape-message', services.clock.now()),
  );
  if (!allowed) throw attemptLimitExceeded();
}

/** What the pool's function made of a message; undefined where it has none. */
export function shapeOf(unit: SendingUnit, pool: UserPool, message: Shapeable): ShapedMessage | undefined {
  if (functionAt(pool, 'CustomMessage') === undefined) return undefined;
  if (!unit.shaped.has(keyOf(message))) throw new NotShapedYet(message);
  return unit.shaped.get(keyOf(message));
}

/** Nobody's message takes as long as one that is real. */
function shape(
  services: Services,
  pool: UserPool,
  sender: Sender,
  message: Shapeable,
): Promise<ShapedMessage | undefined> {
  return message.user === undefined
    ? pretendToRun(services, pool, 'CustomMessage')
    : customMessage(services, pool, message, message.user, sender);
}
