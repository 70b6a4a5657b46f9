import type { SmsConfigurationType } from '@poolkeeper/model';
import { notObeyedYet, validationFailed } from '../../errors.ts';

/**
 * The role, and the region that SNS would send from, are kept and shown: messages leave by the server's own channel,
 * and a pool that has them is one that may send SMS messages. Throws InvalidParameterException.
 */
export function smsConfigOf(given: SmsConfigurationType): SmsConfigurationType {
  if (given.EumsSms !== undefined) throw notObeyedYet('SmsConfiguration.EumsSms');
  if (!given.SnsCallerArn) {
    // Amazon Cognito's words from when the API model had the member as required.
    throw validationFailed([
      "Value null at 'smsConfiguration.snsCallerArn' failed to satisfy constraint: Member must not be null",
    ]);
  }
  return {
    SnsCallerArn: given.SnsCallerArn,
    ...(given.ExternalId !== undefined && { ExternalId: given.ExternalId }),
    ...(given.SnsRegion !== undefined && { SnsRegion: given.SnsRegion }),
  };
}
