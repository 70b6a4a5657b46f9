import { currentPool } from '../../domain/pools/directory.ts';
import { emailConfigOf } from '../../domain/pools/email-config.ts';
import { shownMfaConfig, withMfaConfig } from '../../domain/pools/mfa-settings.ts';
import { withoutKeptSms } from '../../domain/pools/sms-config.ts';
import { updateUserPool } from '../../storage/repositories/user-pools.ts';
import type { Operation } from '../operation.ts';

export const setUserPoolMfaConfig: Operation<'SetUserPoolMfaConfig'> = async (services, input) => {
  const current = await services.pools.pool(input.UserPoolId);
  await services.delivery.checkPool({
    ...withoutKeptSms(withMfaConfig(current.config, input), input.SmsMfaConfiguration?.SmsConfiguration),
    // What it leaves as it is was looked at before.
    EmailConfiguration: emailConfigOf(),
  });
  return services.storage.write(async (unit) => {
    const pool = await currentPool(unit, input.UserPoolId);
    const config = withMfaConfig(pool.config, input);
    await updateUserPool.run(unit, {
      id: pool.id,
      name: pool.name,
      config: JSON.stringify(config),
      now: services.clock.now(),
    });
    services.pools.forgetOnCommit(unit, pool.id);
    return shownMfaConfig(config);
  });
};
