import { ServiceError } from '../../errors.ts';
import { compareCode, rememberCode } from '../codes/codes.ts';
import type { Services } from '../services.ts';
import { postConfirmation } from '../triggers/post-confirmation.ts';
import { confirmSignUp } from './confirm-sign-up.ts';

/** What a link says. */
export interface FollowedLink {
  readonly clientId: string;
  readonly username: string;
  readonly code: string;
}

const PURPOSE = 'confirmed-by-link';

/**
 * Confirms a sign-up by the link that was sent for it, as ConfirmSignUp does by a code. Programs that look for malice in
 * mail open links before people do, so the link that confirmed somebody goes on to be right. It is false for all others,
 * whoever they name, after the same work.
 */
export async function confirmByLink(
  services: Services,
  { clientId, username, code }: FollowedLink,
): Promise<boolean> {
  try {
    const client = await services.pools.client(clientId);
    const pool = await services.pools.pool(client.poolId);
    const request = { name: username, code, forceAlias: false };
    const confirmed = await services.storage.write(async (unit) => {
      const result = await confirmSignUp(services, unit, pool, { ...client, hidesUsers: true }, request);
      if (!('refusal' in result)) {
        const { user, attribute } = result;
        const holder = { sub: user.sub, purpose: PURPOSE, attribute } as const;
        await rememberCode(services, unit, pool, holder, code);
        return user;
      }
      const holder = { sub: result.sub, purpose: PURPOSE } as const;
      // Counted for everybody, by the same statement: who has been confirmed by a link is not told by the time it takes.
      const { outcome } = await compareCode(services, unit, pool, holder, code);
      // Who guesses is told nothing beyond the limit.
      return outcome === 'right' && result.outcome !== 'limited';
    });
    if (typeof confirmed === 'boolean') return confirmed;
    const caller = { clientId: client.id, clientMetadata: undefined };
    // A function that fails takes nothing back, and its pool's operators are told by the call itself.
    await postConfirmation(services, pool, 'PostConfirmation_ConfirmSignUp', confirmed, caller).catch(
      onlyRefusals,
    );
    return true;
  } catch (error) {
    return onlyRefusals(error);
  }
}

function onlyRefusals(error: unknown): false {
  if (error instanceof ServiceError && error.status < 500) return false;
  throw error;
}
