import { shownMfaConfig } from '../../domain/pools/mfa-settings.ts';
import type { Operation } from '../operation.ts';

export const getUserPoolMfaConfig: Operation<'GetUserPoolMfaConfig'> = async (services, input) =>
  shownMfaConfig((await services.pools.pool(input.UserPoolId)).config);
