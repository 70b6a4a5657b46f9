import type { Logger } from 'pino';
import type { AdjustableClock } from '../platform/clock.ts';
import type { Keyring } from '../platform/keyring.ts';
import type { Storage } from '../storage/unit.ts';
import type { AccessKeyDirectory } from './access-keys/directory.ts';
import type { MessageChannel } from './delivery/message.ts';
import type { PoolDirectory } from './pools/directory.ts';
import type { SigningKeyring } from './tokens/signing-keys.ts';

/** What the domain needs of the world; made once by `server.ts`. */
export interface Services {
  readonly region: string;
  /** Where tokens say they come from: `<this>/<userPoolId>`. */
  readonly issuerBase: string;
  readonly clock: AdjustableClock;
  readonly storage: Storage;
  readonly keyring: Keyring;
  readonly accessKeys: AccessKeyDirectory;
  readonly pools: PoolDirectory;
  readonly signingKeys: SigningKeyring;
  /** Which channels a message leaves by: all in production; in dev mode what is missing here stays in the inbox. */
  readonly channels: ReadonlySet<MessageChannel>;
  /** Tells the outbox that a message was committed. */
  messageQueued(): void;
  /** Tells the janitor that the rows of a pool are to be removed. */
  poolDeleted(): void;
  /** Tells who waits at the inbox that a message was committed. */
  messageStored(): void;
  readonly log: Logger;
}
