import { addressToVerify, sendVerification } from '../../domain/codes/verification.ts';
import { deliveryDetails } from '../../domain/delivery/masked-destination.ts';
import { writeAndSend } from '../../domain/delivery/write-and-send.ts';
import { requireAcceptable } from '../../domain/passwords/check-password.ts';
import { type PasswordMaterial, passwordMaterial } from '../../domain/passwords/password-material.ts';
import type { UserPool } from '../../domain/pools/user-pool.ts';
import type { Services } from '../../domain/services.ts';
import { signUpSession } from '../../domain/sign-in/sign-up-session.ts';
import { postConfirmation } from '../../domain/triggers/post-confirmation.ts';
import { preSignUp, validationDataOf } from '../../domain/triggers/pre-sign-up.ts';
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
  const applied = newIdentity(pool, input.Username, readAttributes(pool, input.UserAttributes, { client }));
  requireRequired(pool, applied.attributes);
  if (passwordless) requireReachable(pool, applied.attributes);
  if (input.Password) {
    await requireAcceptable(services, pool, input.Password, 'Password did not conform with policy');
  }
  // Before it is known whether the name is taken: functions make room for who has it, and never confirmed.
  const { autoConfirmed, verified } = await preSignUp(services, pool, {
    source: 'PreSignUp_SignUp',
    userName: applied.username,
    attributes: applied.attributes,
    clientId: client.id,
    validationData: validationDataOf(input.ValidationData),
    clientMetadata: input.ClientMetadata,
  });
  const identity = { ...applied, attributes: { ...applied.attributes, ...verified } };
  const password = await chosenPassword(services, pool, identity, input.Password);

  const attribute = autoConfirmed ? undefined : addressToVerify(pool, identity.attributes);
  const sender = { clientId: client.id, clientMetadata: input.ClientMetadata };
  const user = await writeAndSend(services, pool, sender, async (unit) => {
    const created = await createUser(unit, pool, {
      identity,
      status: autoConfirmed ? 'CONFIRMED' : 'UNCONFIRMED',
      password,
      temporaryUntil: null,
      // An alias that the function vouches for passes to the new user [D]; a name to sign in by does not.
      forceAlias: autoConfirmed && !pool.config.UsernameAttributes?.length,
      now: services.clock.now(),
    });
    if (attribute === undefined) return created;
    const { sub, username } = identity;
    const to = {
      sub,
      username,
      user: created,
      purpose: 'confirm-sign-up' as const,
      attribute,
      triggerSource: 'CustomMessage_SignUp',
    };
    await sendVerification(services, unit, pool, to, identity.attributes[attribute]);
    return created;
  });
  if (autoConfirmed) await postConfirmation(services, pool, 'PostConfirmation_ConfirmSignUp', user, sender);
  return {
    UserConfirmed: autoConfirmed,
    ...(attribute && {
      CodeDeliveryDetails: deliveryDetails(attribute, identity.attributes[attribute] as string),
    }),
    UserSub: identity.sub,
    // It is for ConfirmSignUp, which who is confirmed does not call.
    ...(autoConfirmed ? {} : signUpSession(services, client, identity)),
  };
};

async function chosenPassword(
  services: Services,
  pool: UserPool,
  identity: NewIdentity,
  password: string | undefined,
): Promise<PasswordMaterial | undefined> {
  if (!password) return undefined;
  // Whoever floods a pool with new users waits behind themselves, and not before those who are.
  return passwordMaterial(services, pool, identity, password, { lane: `sign-up/${pool.id}` });
}
