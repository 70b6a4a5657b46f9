import { signOutEverywhere } from '../../domain/tokens/sign-out.ts';
import { signedInUser } from '../../domain/tokens/signed-in-user.ts';
import type { Operation } from '../operation.ts';

export const globalSignOut: Operation<'GlobalSignOut'> = async (services, input) => {
  const { user } = await signedInUser(services, input.AccessToken);
  await services.storage.write((unit) => signOutEverywhere(unit, user, services.clock.now()));
  return {};
};
