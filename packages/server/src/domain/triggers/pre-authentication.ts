import type { Metadata } from './event.ts';
import { runTrigger } from './run-trigger.ts';
import { type Party, partyOf, type SignIn, withUserNotFound } from './sign-in-event.ts';

/** Lets the pool's function refuse a sign-in, before any proof is looked at. `validationData` is what it began with. */
export async function preAuthentication(
  signIn: SignIn & { readonly validationData?: Metadata | undefined },
  party: Party,
): Promise<void> {
  const { services, pool, client, validationData } = signIn;
  const occasion = {
    trigger: 'PreAuthentication' as const,
    source: 'PreAuthentication_Authentication',
    userName: party.username,
    clientId: client.id,
    request: {
      ...partyOf(signIn, party),
      validationData: validationData ?? null,
      ...withUserNotFound(signIn, party),
    },
    response: {},
  };
  await runTrigger(services, pool, occasion, () => undefined);
}
