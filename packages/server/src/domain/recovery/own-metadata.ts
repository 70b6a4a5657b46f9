import type { UserPool } from '../pools/user-pool.ts';
import type { Metadata } from '../triggers/event.ts';

const OF_SECOND_FACTORS = ['SOFTWARE_TOKEN_MFA_CODE', 'SMS_MFA_CODE', 'EMAIL_OTP_CODE', 'RECOVERY_CODE'];

/**
 * A recovery's ClientMetadata as functions see it: without what this server itself reads there, where the pool's settings
 * say so. A second factor's code is nobody else's business.
 */
export function metadataForFunctions(
  { settings: { recovery } }: UserPool,
  metadata: Metadata | undefined,
): Metadata | undefined {
  if (metadata === undefined) return undefined;
  const own = new Set([
    ...(recovery.chooseChannel ? ['channel'] : []),
    ...(recovery.secondFactor ? OF_SECOND_FACTORS : []),
  ]);
  const left = Object.entries(metadata).filter(([key]) => !own.has(key));
  // Who sends nothing but that sends functions nothing.
  if (left.length === 0 && Object.keys(metadata).length > 0) return undefined;
  return Object.fromEntries(left);
}
