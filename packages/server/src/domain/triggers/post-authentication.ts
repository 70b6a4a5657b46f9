import type { User } from '../users/user.ts';
import { withMetadata } from './event.ts';
import { runTrigger } from './run-trigger.ts';
import { partyOf, type SignIn } from './sign-in-event.ts';

/** Has the pool's function look at a sign-in that is complete; when it throws, there are no tokens. */
export async function postAuthentication(signIn: SignIn, user: User): Promise<void> {
  const { services, pool, client, clientMetadata } = signIn;
  const { username } = user;
  const occasion = {
    trigger: 'PostAuthentication' as const,
    source: 'PostAuthentication_Authentication',
    userName: username,
    clientId: client.id,
    request: {
      ...partyOf(signIn, { user, username }),
      // Devices are not remembered here.
      newDeviceUsed: false,
      ...withMetadata(clientMetadata),
    },
    response: {},
  };
  await runTrigger(services, pool, occasion, () => undefined);
}
