import type { Clock } from '../platform/clock.ts';
import type { Keyring } from '../platform/keyring.ts';
import type { Storage } from '../storage/unit.ts';

export interface Inbox {
  wake(): void;
}
export function createInbox(_options: { storage: Storage; keyring: Keyring; clock: Clock }): Inbox {
  return { wake: () => {} };
}
