import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { User } from '../users/user.ts';
import { eventAttributes, type Metadata, withMetadata } from './event.ts';
import { runTrigger } from './run-trigger.ts';

/**
 * Tells the pool's PostConfirmation function of a user who has confirmed, once that is committed: what it throws is
 * answered to the caller, and takes nothing back. Throws what `runTrigger` throws.
 */
export async function postConfirmation(
  services: Services,
  pool: UserPool,
  source: 'PostConfirmation_ConfirmSignUp' | 'PostConfirmation_ConfirmForgotPassword',
  /** As they are now. */
  user: Pick<User, 'sub' | 'username' | 'status' | 'attributes'>,
  /** `clientId` is null where an administrator confirms (as logged for AdminConfirmSignUp, 2024). */
  caller: { readonly clientId: string | null; readonly clientMetadata: Metadata | undefined },
): Promise<void> {
  const occasion = {
    trigger: 'PostConfirmation' as const,
    source,
    userName: user.username,
    clientId: caller.clientId,
    request: { userAttributes: eventAttributes(pool, user), ...withMetadata(caller.clientMetadata) },
    response: {},
  };
  await runTrigger(services, pool, occasion, () => undefined);
}
