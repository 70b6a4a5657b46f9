import type { Inputs } from '@poolkeeper/model';
import { sendInvitation } from '../../domain/delivery/invitation.ts';
import { writeAndSend } from '../../domain/delivery/write-and-send.ts';
import { requireAcceptable } from '../../domain/passwords/check-password.ts';
import {
  type PasswordMaterial,
  passwordMaterial,
  storePassword,
  untoldPassword,
} from '../../domain/passwords/password-material.ts';
import { temporaryPassword } from '../../domain/passwords/policy.ts';
import { temporaryUntil } from '../../domain/passwords/temporary-password.ts';
import type { UserPool } from '../../domain/pools/user-pool.ts';
import type { Services } from '../../domain/services.ts';
import { preSignUp, validationDataOf } from '../../domain/triggers/pre-sign-up.ts';
import { readAttributes, requireRequired } from '../../domain/users/attributes.ts';
import { createUser, type NewIdentity, newIdentity } from '../../domain/users/create-user.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import { mayDoWithoutPassword, requireReachable } from '../../domain/users/passwordless.ts';
import type { User } from '../../domain/users/user.ts';
import { attributeList } from '../../domain/users/user.ts';
import { unsupportedUserState } from '../../errors.ts';
import type { Operation } from '../operation.ts';

type Request = Inputs['AdminCreateUser'];

/** Its ClientMetadata is for PreSignUp alone [D]. */
const SENDER = { clientId: undefined };

export const adminCreateUser: Operation<'AdminCreateUser'> = async (services, input) => {
  const pool = await services.pools.pool(input.UserPoolId);
  const user = await (input.MessageAction === 'RESEND'
    ? inviteAgain(services, pool, input)
    : input.TemporaryPassword || !mayDoWithoutPassword(pool)
      ? inviteNew(services, pool, input)
      : inviteWithoutPassword(services, pool, input));
  return {
    User: {
      Username: user.username,
      Attributes: attributeList(user),
      UserCreateDate: new Date(user.createdAt),
      UserLastModifiedDate: new Date(user.updatedAt),
      Enabled: user.enabled,
      UserStatus: user.status,
    },
  };
};

async function newPassword(services: Services, pool: UserPool, given: string | undefined): Promise<string> {
  if (!given) return temporaryPassword(pool.config.Policies.PasswordPolicy ?? {});
  await requireAcceptable(services, pool, given, 'Password did not conform with password policy');
  return given;
}

async function inviteNew(services: Services, pool: UserPool, input: Request): Promise<User> {
  const password = await newPassword(services, pool, input.TemporaryPassword);
  const identity = newIdentity(pool, input.Username, readAttributes(pool, input.UserAttributes, 'admin'));
  await askPreSignUp(services, pool, input, identity);
  // Who brings users along by the thousand, and gives them a password afterwards, waits for one hash and not for two.
  const isTold = input.TemporaryPassword || input.MessageAction !== 'SUPPRESS';
  const material = isTold ? await passwordMaterial(services, pool, identity, password) : untoldPassword();
  return create(services, pool, input, identity, { password, material });
}

/** Who signs in by codes need not set a password, and has no later step to fill in what is missing. */
async function inviteWithoutPassword(services: Services, pool: UserPool, input: Request): Promise<User> {
  const identity = newIdentity(pool, input.Username, readAttributes(pool, input.UserAttributes, 'admin'));
  requireRequired(pool, identity.attributes);
  requireReachable(pool, identity.attributes);
  await askPreSignUp(services, pool, input, identity);
  return create(services, pool, input, identity);
}

const askPreSignUp = (services: Services, pool: UserPool, input: Request, identity: NewIdentity) =>
  preSignUp(services, pool, {
    source: 'PreSignUp_AdminCreateUser',
    userName: identity.username,
    attributes: identity.attributes,
    clientId: undefined,
    validationData: validationDataOf(input.ValidationData),
    clientMetadata: input.ClientMetadata,
  });

function create(
  services: Services,
  pool: UserPool,
  input: Request,
  identity: NewIdentity,
  temporary?: { password: string; material: PasswordMaterial },
): Promise<User> {
  return writeAndSend(services, pool, SENDER, async (unit) => {
    const now = services.clock.now();
    const user = await createUser(unit, pool, {
      identity,
      status: temporary ? 'FORCE_CHANGE_PASSWORD' : 'CONFIRMED',
      password: temporary?.material,
      temporaryUntil: temporary ? temporaryUntil(pool, now) : null,
      forceAlias: input.ForceAliasCreation ?? false,
      now,
    });
    if (input.MessageAction !== 'SUPPRESS') {
      await sendInvitation(services, unit, pool, user, temporary?.password, input.DesiredDeliveryMediums);
    }
    return user;
  });
}

/** A new temporary password, with a new period of validity, for who has not used the last one. */
async function inviteAgain(services: Services, pool: UserPool, input: Request): Promise<User> {
  const password = await newPassword(services, pool, input.TemporaryPassword);
  const found = await services.storage.read((unit) => userForAdmin(unit, pool, input.Username));
  const material = await passwordMaterial(services, pool, found, password);
  return writeAndSend(services, pool, SENDER, async (unit) => {
    const user = await userForAdmin(unit, pool, found.sub);
    if (user.status !== 'FORCE_CHANGE_PASSWORD') {
      throw unsupportedUserState(`User is already confirmed. Current status is ${user.status}`);
    }
    const now = services.clock.now();
    const until = temporaryUntil(pool, now);
    const status = 'FORCE_CHANGE_PASSWORD';
    await storePassword(unit, pool, user, material, { status, temporaryUntil: until, now });
    const invited = { ...user, temporaryUntil: until };
    await sendInvitation(services, unit, pool, invited, password, input.DesiredDeliveryMediums);
    return user;
  });
}
