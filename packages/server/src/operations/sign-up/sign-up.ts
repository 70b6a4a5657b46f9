import { addressToVerify, sendVerification } from '../../domain/codes/verification.ts';
import { deliveryDetails } from '../../domain/delivery/masked-destination.ts';
import { writeAndSend } from '../../domain/delivery/write-and-send.ts';
import { requireAcceptable } from '../../domain/passwords/check-password.ts';
import { type PasswordMaterial, passwordMaterial } from '../../domain/passwords/password-material.ts';
import type { UserPool } from '../../domain/pools/user-pool.ts';
import type { Services } from '../../domain/services.ts';
import { signUpSession } from '../../domain/sign-in/sign-up-session.ts';
import { readAttributes, requireRequired } from '../../domain/users/attributes.ts';
import { authenticateClient } from '../../domain/users/authenticate-client.ts';
import { createUser, type NewIdentity, newIdentity } from '../../domain/users/create-user.ts';
import { mayDoWithoutPassword, requireReachable } from '../../domain/users/passwordless.ts';
import { invalid, signUpNotPermitted } from '../../errors.ts';
import type { Operation } from '../operation.ts';

export const signUp: Operation<'SignUp'> = async (services, input) => {
  const { client, pool } = await authenticateClient(services, input);
  if (pool.config.AdminCreateUserConfig.AllowAdminCreateUserOnly) throw signUpNotPermitted();
  const passwordless = !input.Password;
  if (passwordless && !mayDoWithoutPassword(pool, client)) throw invalid('Password is required.');
  const identity = newIdentity(pool, input.Username, readAttributes(pool, input.UserAttributes, { client }));
  requireRequired(pool, identity.attributes);
  if (passwordless) requireReachable(pool, identity.attributes);
  const password = await chosenPassword(services, pool, identity, input.Password);

  const attribute = addressToVerify(pool, identity.attributes);
  const sender = { clientId: client.id, clientMetadata: input.ClientMetadata };
  await writeAndSend(services, pool, sender, async (unit) => {
    const user = await createUser(unit, pool, {
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
      user,
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
    ...signUpSession(services, client, identity),
  };
};

async function chosenPassword(
  services: Services,
  pool: UserPool,
  identity: NewIdentity,
  password: string | undefined,
): Promise<PasswordMaterial | undefined> {
  if (!password) return undefined;
  await requireAcceptable(services, pool, password, 'Password did not conform with policy');
  // Whoever floods a pool with new users waits behind themselves, and not before those who are.
  return passwordMaterial(services, pool, identity, password, { lane: `sign-up/${pool.id}` });
}
