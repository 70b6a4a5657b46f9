import { type ServiceError, userDisabled, wrongCode } from '../../errors.ts';
import { compareCode, refusalOf } from '../codes/codes.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { userOrStandIn } from '../users/find-user.ts';
import { outcomeOf, recordRecovery, withRecord } from './recovery-record.ts';

/**
 * Whether a password reset code would be taken now, for a page that asks for the new password afterwards. It counts as an
 * attempt, one of those that ConfirmForgotPassword has, and leaves the code as it is.
 * Throws CodeMismatchException, ExpiredCodeException, LimitExceededException, and what tells of users where the client
 * does not hide them.
 */
export async function checkRecoveryCode(
  services: Services,
  pool: UserPool,
  client: AppClient,
  name: string,
  code: string,
): Promise<void> {
  const request = { operation: 'CheckCode', client, name } as const;
  await withRecord(services, pool, request, () =>
    services.storage.write(async (unit): Promise<ServiceError | undefined> => {
      const { user, sub } = await userOrStandIn(services, unit, pool, client, name);
      if (user && !user.enabled && !client.hidesUsers) throw userDisabled();
      const holder = { sub, purpose: 'reset-password' as const };
      const compared = await compareCode(services, unit, pool, holder, code);
      const error =
        compared.outcome !== 'right'
          ? refusalOf(compared)
          : // A stand-in's code was told to nobody; a disabled user's is wrong, as it is for ConfirmForgotPassword.
            user?.enabled
            ? undefined
            : wrongCode();
      recordRecovery(services, unit, pool, request, {
        user,
        sub,
        attempts: compared.attempts,
        ...(error ? { outcome: outcomeOf(error), error } : { outcome: 'code-valid' }),
      });
      // Returned and not thrown: the attempt stays counted.
      return error;
    }),
  );
}
