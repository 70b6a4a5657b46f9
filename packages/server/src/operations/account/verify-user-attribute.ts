import { attemptAllowed } from '../../domain/codes/attempt-limit.ts';
import { type CodeOutcome, consumeCode, requireConsumed } from '../../domain/codes/codes.ts';
import { requireVerifiable } from '../../domain/codes/verification.ts';
import { signedInUser } from '../../domain/tokens/signed-in-user.ts';
import { provenAttributes } from '../../domain/users/address-changes.ts';
import { userForAdmin } from '../../domain/users/find-user.ts';
import { updateUser } from '../../domain/users/update-user.ts';
import { attemptLimitExceeded, codeExpired } from '../../errors.ts';
import type { Operation } from '../operation.ts';

export const verifyUserAttribute: Operation<'VerifyUserAttribute'> = async (services, input) => {
  const { user, pool } = await signedInUser(services, input.AccessToken);
  const attribute = requireVerifiable(input.AttributeName);
  const result = await services.storage.write(async (unit): Promise<CodeOutcome> => {
    const now = services.clock.now();
    const current = await userForAdmin(unit, pool, user.sub);
    // Of both addresses together; the code's own count alone would allow as many for each.
    const allowed = await attemptAllowed(unit, pool, user.sub, 'verify-attribute', now);
    if (!allowed) throw attemptLimitExceeded();
    const holder = { sub: user.sub, purpose: `verify:${attribute}` as const };
    const consumed = await consumeCode(services, unit, pool, holder, input.Code);
    if (consumed.outcome !== 'consumed') return consumed;
    const attributes = provenAttributes(current, attribute, consumed.attribute);
    if (attributes === undefined) throw codeExpired();
    await updateUser(unit, pool, current, { attributes }, { now });
    return consumed;
  });
  requireConsumed(result);
  return {};
};
