import type { EumsSmsConfigurationType, SmsConfigurationType } from '@poolkeeper/model';
import { isRegion } from '../../config/region.ts';
import { invalid, validationFailed } from '../../errors.ts';

/** Who sends a pool's SMS messages, by Amazon SNS or AWS End User Messaging. Throws InvalidParameterException. */
export function smsConfigOf(given: SmsConfigurationType): SmsConfigurationType {
  const { SnsCallerArn, ExternalId, SnsRegion, EumsSms } = given;
  if (EumsSms !== undefined) {
    if (SnsCallerArn) {
      // That both are refused is documented; Amazon Cognito's text is not known.
      throw invalid('SmsConfiguration can have SnsCallerArn or EumsSms, but not both.');
    }
    if (ExternalId !== undefined || SnsRegion !== undefined) {
      throw invalid('SmsConfiguration.ExternalId and SnsRegion go with SnsCallerArn; EumsSms has its own.');
    }
    return { EumsSms: eumsSmsOf(EumsSms) };
  }
  if (!SnsCallerArn) {
    // Amazon Cognito's words from when the API model had the member as required.
    throw validationFailed([
      "Value null at 'smsConfiguration.snsCallerArn' failed to satisfy constraint: Member must not be null",
    ]);
  }
  if (SnsRegion !== undefined && !isRegion(SnsRegion)) {
    throw invalid('SmsConfiguration.SnsRegion must be a region of AWS, such as us-east-1.');
  }
  return {
    SnsCallerArn,
    ...(ExternalId !== undefined && { ExternalId }),
    ...(SnsRegion !== undefined && { SnsRegion }),
  };
}

/** What AWS STS and AWS End User Messaging take; anything else could not be obeyed. */
const forms = {
  ExternalId: /^[\w+=,.@:/-]{2,1224}$/,
  OriginationIdentity: /^[\w+:/.-]{1,256}$/,
  ConfigurationSetName: /^[\w+:/.-]{1,256}$/,
  InEntityId: /^[!-~]{1,64}$/,
  InTemplateId: /^[!-~]{1,64}$/,
} as const;

function eumsSmsOf({ CallerArn, Region, ...named }: EumsSmsConfigurationType): EumsSmsConfigurationType {
  const given = Object.entries(forms).flatMap(([member, form]) => {
    const value = named[member as keyof typeof forms];
    if (value === undefined) return [];
    if (!form.test(value)) throw invalid(`SmsConfiguration.EumsSms.${member} has an unexpected form.`);
    return [[member, value]];
  });
  return { CallerArn, ...Object.fromEntries(given), ...(Region !== undefined && { Region }) };
}

/**
 * `isObeyed`: a channel can do as EumsSms says, or nothing leaves the house. Throws InvalidParameterException.
 */
export function requireEumsSms(
  config: SmsConfigurationType | undefined,
  region: string,
  isObeyed: boolean,
): void {
  const eum = config?.EumsSms;
  if (eum === undefined) return;
  if (eum.Region !== undefined && eum.Region !== region) {
    throw invalid(`SmsConfiguration.EumsSms.Region must be the region of the user pool, ${region}.`);
  }
  if (!isObeyed) {
    throw invalid(
      `SmsConfiguration.EumsSms needs a channel of AWS End User Messaging: start Poolkeeper with --sms eum://${region}.`,
    );
  }
}

/**
 * A config without how SMS is sent, where a request leaves that as it is: a role that has stopped working is no reason
 * to refuse what else the request changes.
 */
export function withoutKeptSms<
  Config extends { readonly SmsConfiguration?: SmsConfigurationType | undefined },
>(config: Config, given: SmsConfigurationType | undefined): Config {
  if (given !== undefined) return config;
  const { SmsConfiguration: _, ...rest } = config;
  return rest as Config;
}
