import type { SendTextMessageCommandInput } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import type { EumsSmsConfigurationType } from '@poolkeeper/model';
import { eumRoleMayNotPublish } from '../../../errors.ts';
import {
  type AwsPlace,
  awsFailureOf,
  clientOptions,
  notLookedAt,
  PATIENCE,
  patiently,
  sharedParts,
} from './aws-client.ts';
import { readAwsSmsUrl } from './aws-sms-url.ts';
import { type Finding, NotAccepted, type Sms, type SmsChannel } from './channel.ts';
import { requirePackages } from './channel-url.ts';
import { eumFailureOf } from './eum-failure.ts';
import { idIn } from './provider-id.ts';
import type { SmsChannelOptions } from './sms-channel.ts';
import {
  type Credentials,
  checkRole,
  createRoles,
  eumRoleOf,
  isStale,
  NOBODYS_NUMBER,
  type Role,
} from './sms-roles.ts';

const EXAMPLE = 'eum://us-east-1?origination-identity=+12065550100&configuration-set=codes';
/** Of origination identities and configuration sets: a name, a number or an ARN. */
const NAME = /^[\w+:/.-]{1,256}$/;
/** Seconds, of the API. */
const SHORTEST_LIFE = 5;
const LONGEST_LIFE = 72 * 3600;

/**
 * AWS End User Messaging SMS: `eum://us-east-1` with the options
 * - `origination-identity`: who sends, where neither the rules of a country nor the pool's
 *   `EumsSms.OriginationIdentity` say it;
 * - `configuration-set`: for pools whose `EumsSms` names none;
 * - `max-price=0.50`: US dollars, what a message may cost;
 * - `roles=off`: sends with the server's own credentials in place of the pool's role;
 * - `endpoint` and `sts-endpoint`: what stands in for AWS.
 *
 * A pool's region comes before the region of the URL. Throws ConfigError.
 */
export function createEumChannel(given: string, options: SmsChannelOptions): SmsChannel {
  const url = readAwsSmsUrl(given, options.mode, EXAMPLE, ['origination-identity', 'configuration-set']);
  const { region, endpoint, maxPrice } = url;
  const { 'origination-identity': identity, 'configuration-set': configurationSet } = url.options;
  for (const [name, value] of Object.entries({
    'origination-identity': identity,
    'configuration-set': configurationSet,
  })) {
    if (value !== undefined && !NAME.test(value)) {
      throw url.wrong(`has a value for ${name} that is no number, name, id or ARN`);
    }
  }
  requirePackages('--sms eum://', ['@aws-sdk/client-pinpoint-sms-voice-v2', '@aws-sdk/client-sts']);
  const { clock, patience = PATIENCE } = options;
  const roles = createRoles({ region, endpoint: url.stsEndpoint }, clock, patience);
  let loading: ReturnType<typeof load> | undefined;
  const loaded = () => {
    loading ??= load({ region, endpoint });
    return loading;
  };

  async function submit(config: Sms['config'], input: SendTextMessageCommandInput, role: Role | undefined) {
    const place = config?.EumsSms?.Region ?? config?.SnsRegion ?? region;
    try {
      return await patiently(patience, async (abortSignal) => {
        const credentials = role && (await roles.credentialsOf(role));
        const { sdk, clientIn } = await loaded();
        const client = clientIn(place, credentials);
        return (await client.send(new sdk.SendTextMessageCommand(input), { abortSignal })).MessageId;
      });
    } catch (error) {
      if (role !== undefined && isStale(error)) roles.forget(role);
      throw eumFailureOf(error, role, place !== region);
    }
  }

  /** What a message and a try have in common. */
  const inputOf = (to: string, sender: string | undefined, pool: EumsSmsConfigurationType | undefined) => {
    const OriginationIdentity = sender ?? pool?.OriginationIdentity ?? identity;
    const ConfigurationSetName = pool?.ConfigurationSetName ?? configurationSet;
    return {
      DestinationPhoneNumber: to,
      MessageType: 'TRANSACTIONAL' as const,
      ...(OriginationIdentity !== undefined && { OriginationIdentity }),
      ...(ConfigurationSetName !== undefined && { ConfigurationSetName }),
      ...(maxPrice !== undefined && { MaxPrice: maxPrice }),
    };
  };

  const roleOf = (config: Sms['config']) => (url.assumesRoles ? eumRoleOf(config) : undefined);
  return {
    name: `eum:${region}`,
    async send({ id, poolId, to, text, sender, config, expiresAt }) {
      const left = Math.floor((expiresAt - clock.now()) / 1000);
      const input = {
        ...inputOf(to, sender, config?.EumsSms),
        MessageBody: text,
        TimeToLive: Math.min(Math.max(left, SHORTEST_LIFE), LONGEST_LIFE),
        // Comes back in the events of the configuration set.
        Context: { 'poolkeeper-message': id, 'poolkeeper-pool': poolId },
        ...indianRegistration(to, config?.EumsSms),
      };
      const messageId = await submit(config, input, roleOf(config));
      if (messageId === undefined) {
        throw new NotAccepted('AWS End User Messaging answered without a MessageId.', 'EUM_ANSWER');
      }
      return { providerId: idIn(messageId) };
    },
    async checkPool({ SmsConfiguration: config }) {
      const role = roleOf(config);
      if (role === undefined) return;
      // Permissions are looked at before it is found that nobody has the number; a dry run sends nothing in any case.
      const input = {
        ...inputOf(NOBODYS_NUMBER, undefined, config?.EumsSms),
        MessageBody: 'Test',
        DryRun: true,
      };
      await checkRole(roles, role, () => submit(config, input, role), eumRoleMayNotPublish);
    },
    async check() {
      const whose = await roles.check();
      return whose.ok ? [whose, ...(await accountFindings(loaded, region, patience))] : [whose];
    },
    async close() {
      const sdk = await loading?.catch(() => undefined);
      sdk?.destroy();
      await roles.close();
    },
  };
}

/** What the carriers of India ask for; of use nowhere else. */
function indianRegistration(to: string, pool: EumsSmsConfigurationType | undefined) {
  const { InEntityId: IN_ENTITY_ID, InTemplateId: IN_TEMPLATE_ID } = pool ?? {};
  const ids = { ...(IN_ENTITY_ID && { IN_ENTITY_ID }), ...(IN_TEMPLATE_ID && { IN_TEMPLATE_ID }) };
  return to.startsWith('+91') && Object.keys(ids).length > 0 ? { DestinationCountryParameters: ids } : {};
}

async function load({ region, endpoint }: AwsPlace) {
  const sdk = await import('@aws-sdk/client-pinpoint-sms-voice-v2');
  const own = new sdk.PinpointSMSVoiceV2Client(clientOptions({ region, endpoint }));
  const parts = sharedParts(own);
  return {
    sdk,
    clientIn: (place: string, credentials?: Credentials) =>
      new sdk.PinpointSMSVoiceV2Client({
        ...clientOptions({ region: place, endpoint }),
        ...parts,
        ...(credentials && { credentials }),
      }),
    destroy: () => own.destroy(),
  };
}

async function accountFindings(
  loaded: () => ReturnType<typeof load>,
  region: string,
  patience: number,
): Promise<readonly Finding[]> {
  try {
    return await patiently(patience, async (abortSignal) => {
      const { sdk, clientIn } = await loaded();
      const client = clientIn(region);
      const account = await client.send(new sdk.DescribeAccountAttributesCommand({}), { abortSignal });
      const spending = await client.send(new sdk.DescribeSpendLimitsCommand({}), { abortSignal });
      const tier = account.AccountAttributes?.find(({ Name }) => Name === 'ACCOUNT_TIER')?.Value;
      const limit = spending.SpendLimits?.find(({ Name }) => Name === 'TEXT_MESSAGE_MONTHLY_SPEND_LIMIT');
      return [
        tier === 'PRODUCTION'
          ? { ok: true, text: `The account is out of the SMS sandbox of ${region}.` }
          : {
              ok: false,
              text: `The account is in the SMS sandbox of ${region}: only numbers verified there get messages, until AWS moves it out.`,
            },
        typeof limit?.EnforcedLimit === 'number'
          ? {
              ok: limit.EnforcedLimit > 0,
              text: `Beyond ${limit.EnforcedLimit} US dollars a month, messages are refused.`,
            }
          : { ok: true, text: 'AWS tells no monthly spend limit for text messages.' },
      ];
    });
  } catch (error) {
    const { code, reason } = awsFailureOf(error);
    // With a reason it is the account that may not, and not its user.
    if (code === 'AccessDeniedException' && reason === undefined) {
      return [notLookedAt(['sms-voice:DescribeAccountAttributes', 'sms-voice:DescribeSpendLimits'])];
    }
    return [
      {
        ok: false,
        text: `AWS End User Messaging does not tell the state of the account: ${reason ?? code}.`,
      },
    ];
  }
}
