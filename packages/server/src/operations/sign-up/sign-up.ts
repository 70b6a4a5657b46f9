import { addressToVerify, sendVerification } from '../../domain/codes/verification.ts';
import { deliveryDetails } from '../../domain/delivery/masked-destination.ts';
import { passwordMaterial, requirePolicy } from '../../domain/passwords/password-material.ts';
import { readAttributes, requireRequired } from '../../domain/users/attributes.ts';
import { authenticateClient } from '../../domain/users/authenticate-client.ts';
import { createUser, newIdentity } from '../../domain/users/create-user.ts';
import { invalid, signUpNotPermitted } from '../../errors.ts';
import type { Operation } from '../operation.ts';

export const signUp: Operation<'SignUp'> = async (services, input) => {
  const { client, pool } = await authenticateClient(services, input);
  if (pool.config.AdminCreateUserConfig.AllowAdminCreateUserOnly) throw signUpNotPermitted();
  // Only passwordless pools let users sign up without one, and Poolkeeper has none yet.
  if (input.Password === undefined) throw invalid('Password is required.');
  const identity = newIdentity(pool, input.Username, readAttributes(pool, input.UserAttributes, { client }));
  requireRequired(pool, identity.attributes);
  requirePolicy(pool, input.Password, 'Password did not conform with policy');
  const password = await passwordMaterial(services, pool, identity, input.Password);

  const attribute = addressToVerify(pool, identity.attributes);
  await services.storage.write(async (unit) => {
    await createUser(unit, pool, {
      identity,
      status: 'UNCONFIRMED',
      password,
      temporaryUntil: null,
      forceAlias: false,
      now: services.clock.now(),
    });
    if (attribute === undefined) return;
    const { sub, username } = identity;
    const to = {
      sub,
      username,
      purpose: 'confirm-sign-up' as const,
      attribute,
      triggerSource: 'CustomMessage_SignUp',
    };
    await sendVerification(services, unit, pool, to, identity.attributes[attribute]);
  });
  return {
    UserConfirmed: false,
    ...(attribute && {
      CodeDeliveryDetails: deliveryDetails(attribute, identity.attributes[attribute] as string),
    }),
    UserSub: identity.sub,
  };
};
