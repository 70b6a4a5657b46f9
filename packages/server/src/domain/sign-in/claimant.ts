import { userDoesNotExist } from '../../errors.ts';
import { requireSecretHashParameter } from '../pools/client-secret.ts';
import { findNamed, type Named } from '../users/find-user.ts';
import { required } from './sign-in-parameters.ts';
import { refuseEarly, type SignInRequest } from './sign-in-result.ts';

/** Who says to be a user: the user of that name, or who stands in for nobody. */
export interface Claimant extends Named {
  /** As typed at the first step. */
  readonly name: string;
}

/**
 * Who begins a sign-in, or goes on with one begun as `begunAs`. Throws NotAuthorizedException for a wrong SECRET_HASH
 * and, where the client does not hide users, what Amazon Cognito tells before it looks at any proof.
 */
export async function claimantOf(
  { services, pool, client, parameters }: SignInRequest,
  begunAs?: string,
): Promise<Claimant> {
  const given = required(parameters, 'USERNAME');
  const name = begunAs ?? given;
  const named = await services.storage.read((unit) => findNamed(services, unit, pool, name));
  const { user } = named;
  requireSecretHashParameter(client, parameters['SECRET_HASH'], given, named.username);
  if (user === undefined && !client.hidesUsers) throw userDoesNotExist();
  if (user !== undefined) refuseEarly(client, user);
  return { name, ...named };
}
