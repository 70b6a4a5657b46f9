import { factorsOf, shownFactors } from '../../domain/mfa/factors.ts';
import { signedInUser } from '../../domain/tokens/signed-in-user.ts';
import { readableBy } from '../../domain/users/attributes.ts';
import { attributeList } from '../../domain/users/user.ts';
import type { Operation } from '../operation.ts';

export const getUser: Operation<'GetUser'> = async (services, input) => {
  const { user, client } = await signedInUser(services, input.AccessToken);
  return {
    Username: user.username,
    UserAttributes: attributeList(user, readableBy(client)),
    ...shownFactors(factorsOf(services, user)),
  };
};
