import { userDoesNotExist } from '../../errors.ts';
import { requireSecretHashParameter } from '../pools/client-secret.ts';
import { preAuthentication } from '../triggers/pre-authentication.ts';
import { findNamed, type Named } from '../users/find-user.ts';
import { required } from './sign-in-parameters.ts';
import { refuseEarly, type SignInRequest } from './sign-in-result.ts';

/** Who says to be a user: the user of that name, or who stands in for nobody. */
export interface Claimant extends Named {
  /** As typed at the first step. */
  readonly name: string;
}

/**
 * Who begins a sign-in, once the pool's PreAuthentication function lets them; `orElse` may find a user for a name that
 * nobody has. Throws NotAuthorizedException for a wrong SECRET_HASH and, where the client does not hide users, what
 * Amazon Cognito tells before it looks at any proof.
 */
export async function claimantOf(
  request: SignInRequest,
  orElse?: (named: Claimant) => Promise<Claimant>,
): Promise<Claimant> {
  const named = await whoIs(request, required(request.parameters, 'USERNAME'));
  const claimant = (await orElse?.(named)) ?? named;
  requireExisting(request, claimant);
  await preAuthentication(request, claimant);
  return refusedEarly(request, claimant);
}

/** The same for who goes on with a sign-in that was begun as `name`. */
export async function claimantOfBegun(request: SignInRequest, name: string): Promise<Claimant> {
  const claimant = await whoIs(request, name);
  requireExisting(request, claimant);
  return refusedEarly(request, claimant);
}

async function whoIs({ services, pool, client, parameters }: SignInRequest, name: string): Promise<Claimant> {
  const given = required(parameters, 'USERNAME');
  const named = await services.storage.read((unit) => findNamed(services, unit, pool, name));
  requireSecretHashParameter(client, parameters['SECRET_HASH'], given, named.username);
  return { name, ...named };
}

function requireExisting({ client }: SignInRequest, { user }: Claimant): void {
  if (user === undefined && !client.hidesUsers) throw userDoesNotExist();
}

function refusedEarly({ client }: SignInRequest, claimant: Claimant): Claimant {
  if (claimant.user !== undefined) refuseEarly(client, claimant.user);
  return claimant;
}
