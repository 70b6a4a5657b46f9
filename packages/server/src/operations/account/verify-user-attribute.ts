import { type CodeOutcome, consumeCode, requireConsumed } from '../../domain/codes/codes.ts';
import { requireVerifiable } from '../../domain/codes/verification.ts';
import { signedInUser } from '../../domain/tokens/signed-in-user.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import { updateUser } from '../../domain/users/update-user.ts';
import type { Operation } from '../operation.ts';

export const verifyUserAttribute: Operation<'VerifyUserAttribute'> = async (services, input) => {
  const { user, pool } = await signedInUser(services, input.AccessToken);
  const attribute = requireVerifiable(input.AttributeName);
  const result = await services.storage.write(async (unit): Promise<CodeOutcome> => {
    const current = await userForAdmin(unit, pool, user.sub);
    const holder = { sub: user.sub, purpose: `verify:${attribute}` as const };
    const consumed = await consumeCode(services, unit, pool, holder, input.Code);
    if (consumed.outcome !== 'consumed') return consumed;
    const attributes = { ...current.attributes, [`${attribute}_verified`]: 'true' };
    await updateUser(unit, pool, current, { attributes }, { now: services.clock.now() });
    return consumed;
  });
  requireConsumed(result);
  return {};
};
