import type { OperationName } from '@poolkeeper/model';
import type { Logger } from 'pino';
import type { AdjustableClock } from '../platform/clock.ts';
import type { Keyring } from '../platform/keyring.ts';
import type { Storage } from '../storage/unit.ts';
import type { AccessKeyDirectory } from './access-keys/directory.ts';
import type { DeliveryHealth } from './delivery/health.ts';
import type { MessageChannel } from './delivery/message.ts';
import type { MessageLimits } from './limits/message-caps.ts';
import type { CompromisedPasswords } from './passwords/compromised-passwords.ts';
import type { PoolDirectory } from './pools/directory.ts';
import type { PoolConfig } from './pools/pool-config.ts';
import type { SigningKeyring } from './tokens/signing-keys.ts';
import type { Functions } from './triggers/functions.ts';

/** What is known of the request that is being served, beside its input. */
export interface RequestFacts {
  /** Undefined for what is no operation of the API. */
  readonly operation?: OperationName | undefined;
  /** The client's address; behind proxies, as they tell it. */
  readonly sourceIp: string;
  /** Whether the operation is one that callers sign: it comes from an administrator, or from an app's back end. */
  readonly signed: boolean;
  /** What triggers are told of the caller: `aws-sdk-js-3.700.0`; undefined where it is not known. */
  readonly awsSdkVersion?: string | undefined;
}

/** What requests ask about how messages leave; none of it waits for a provider but `checkPool`. */
export interface Delivery {
  /**
   * Throws the ServiceError of a pool's configuration that cannot work. Called before it is stored, outside of any unit.
   */
  checkPool(config: PoolConfig): Promise<void>;
  /** Throws what the last messages of the pool failed for, where that is a configuration; see `DeliveryHealth`. */
  requireWorking: DeliveryHealth['requireWorking'];
}

/** What the domain needs of the world; made once by `server.ts`, and given to each request with its own facts. */
export interface Services {
  readonly region: string;
  /** Where tokens say they come from: `<this>/<userPoolId>`. */
  readonly issuerBase: string;
  /** Where people reach this server: what links in messages lead to. No slash at its end. */
  readonly publicUrl: string;
  readonly clock: AdjustableClock;
  readonly storage: Storage;
  readonly keyring: Keyring;
  readonly accessKeys: AccessKeyDirectory;
  readonly pools: PoolDirectory;
  readonly signingKeys: SigningKeyring;
  readonly compromisedPasswords: CompromisedPasswords;
  readonly functions: Functions;
  /** Which channels a message leaves by: all in production; in dev mode what is missing here stays in the inbox. */
  readonly channels: ReadonlySet<MessageChannel>;
  readonly delivery: Delivery;
  /** Tells the outbox that a message was committed. */
  messageQueued(): void;
  /** Tells the janitor that the rows of a pool are to be removed. */
  poolDeleted(): void;
  /** Tells operators that an answer was refused unseen, for the wrong ones before it. */
  lockedOut(by: 'password' | 'second-factor'): void;
  /** Tells who waits at the inbox that a message was committed. */
  messageStored(): void;
  readonly log: Logger;
  /** Undefined: strangers may cause as many messages as they like. */
  readonly messageLimits?: MessageLimits | undefined;
  /** Undefined outside of a request of the API. */
  readonly request?: RequestFacts;
}
