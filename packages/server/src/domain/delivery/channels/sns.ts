import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import { smsRoleMayNotPublish } from '../../../errors.ts';
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
import { type Finding, NotAccepted, type Receipt, type Sms, type SmsChannel } from './channel.ts';
import { requirePackages } from './channel-url.ts';
import { idIn } from './provider-id.ts';
import type { SmsChannelOptions } from './sms-channel.ts';
import {
  type Credentials,
  checkRole,
  createRoles,
  isStale,
  NOBODYS_NUMBER,
  type Role,
  snsRoleOf,
} from './sms-roles.ts';
import { snsFailureOf } from './sns-failure.ts';

const EXAMPLE = 'sns://us-east-1?sender-id=Example&max-price=0.50';
const SENDER_ID = /^(?=.*[A-Za-z])[A-Za-z0-9-]{1,11}$/;
const E164 = /^\+[1-9]\d{6,14}$/;

/**
 * Amazon SNS: `sns://us-east-1` with the options
 * - `sender-id=Example` and `origination-number=+12065550100`, where the rules of a country name no sender;
 * - `max-price=0.50`: US dollars, what a message may cost;
 * - `roles=off`: sends with the server's own credentials in place of the pool's `SnsCallerArn`;
 * - `endpoint` and `sts-endpoint`: what stands in for AWS.
 *
 * A pool's `SnsRegion` comes before the region of the URL. Throws ConfigError.
 */
export function createSnsChannel(given: string, options: SmsChannelOptions): SmsChannel {
  const url = readAwsSmsUrl(given, options.mode, EXAMPLE, ['sender-id', 'origination-number']);
  const { region, endpoint, maxPrice } = url;
  const { 'sender-id': senderId, 'origination-number': number } = url.options;
  if (senderId !== undefined && !SENDER_ID.test(senderId)) {
    throw url.wrong('has a sender-id that is not 1 to 11 letters, digits and hyphens, with a letter');
  }
  if (number !== undefined && !E164.test(number)) {
    throw url.wrong('has an origination-number that is no number such as +12065550100');
  }
  requirePackages('--sms sns://', ['@aws-sdk/client-sns', '@aws-sdk/client-sts']);
  const { clock, patience = PATIENCE } = options;
  const roles = createRoles({ region, endpoint: url.stsEndpoint }, clock, patience);
  let loading: ReturnType<typeof load> | undefined;
  const loaded = () => {
    loading ??= load({ region, endpoint });
    return loading;
  };
  const ownSender = { name: senderId, number };

  async function publish(message: Pick<Sms, 'to' | 'text' | 'sender' | 'config'>, role: Role | undefined) {
    const place = message.config?.SnsRegion ?? region;
    let id: string | undefined;
    try {
      id = await patiently(patience, async (abortSignal) => {
        const credentials = role && (await roles.credentialsOf(role));
        const { sdk, clientIn } = await loaded();
        const command = new sdk.PublishCommand({
          PhoneNumber: message.to,
          Message: message.text,
          MessageAttributes: attributesOf(senderIn(message.sender) ?? ownSender, maxPrice),
        });
        const client = clientIn(place, credentials);
        return (await client.send(command, { abortSignal })).MessageId;
      });
    } catch (error) {
      if (role !== undefined && isStale(error)) roles.forget(role);
      throw snsFailureOf(error, role, place !== region);
    }
    // The SDK takes every answer of status 200 for a success, a proxy's page included.
    if (id === undefined) throw new NotAccepted('Amazon SNS answered without a MessageId.', 'SNS_ANSWER');
    return { providerId: idIn(id) } satisfies Receipt;
  }

  const roleOf = (config: Sms['config']) => (url.assumesRoles ? snsRoleOf(config) : undefined);
  return {
    name: `sns:${region}`,
    obeys: ({ config }) => config?.EumsSms === undefined,
    send: (message) => publish(message, roleOf(message.config)),
    async checkPool({ SmsConfiguration: config }) {
      const role = roleOf(config);
      if (role === undefined) return;
      // SNS looks at permissions before it finds that nobody has the number; where it does not, nothing is learnt.
      const nobody = { to: NOBODYS_NUMBER, text: 'Test', sender: undefined, config };
      await checkRole(roles, role, () => publish(nobody, role), smsRoleMayNotPublish);
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

async function load({ region, endpoint }: AwsPlace) {
  const sdk = await import('@aws-sdk/client-sns');
  const own = new sdk.SNSClient(clientOptions({ region, endpoint }));
  const parts = sharedParts(own);
  return {
    sdk,
    clientIn: (place: string, credentials?: Credentials) =>
      new sdk.SNSClient({
        ...clientOptions({ region: place, endpoint }),
        ...parts,
        ...(credentials && { credentials }),
      }),
    destroy: () => own.destroy(),
  };
}

interface Sender {
  readonly name: string | undefined;
  readonly number: string | undefined;
}

const senderIn = (text: string | undefined): Sender | undefined =>
  text === undefined
    ? undefined
    : E164.test(text)
      ? { name: undefined, number: text }
      : { name: text, number: undefined };

function attributesOf({ name, number }: Sender, maxPrice: string | undefined) {
  const given: readonly (readonly [string, MessageAttributeValue | undefined])[] = [
    // Codes are not to be sent when it is cheapest.
    ['AWS.SNS.SMS.SMSType', { DataType: 'String', StringValue: 'Transactional' }],
    ['AWS.SNS.SMS.SenderID', name === undefined ? undefined : { DataType: 'String', StringValue: name }],
    [
      'AWS.MM.SMS.OriginationNumber',
      number === undefined ? undefined : { DataType: 'String', StringValue: number },
    ],
    [
      'AWS.SNS.SMS.MaxPrice',
      maxPrice === undefined ? undefined : { DataType: 'Number', StringValue: maxPrice },
    ],
  ];
  return Object.fromEntries(given.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
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
      const { IsInSandbox } = await client.send(new sdk.GetSMSSandboxAccountStatusCommand({}), {
        abortSignal,
      });
      const wanted = { attributes: ['MonthlySpendLimit'] };
      const { attributes } = await client.send(new sdk.GetSMSAttributesCommand(wanted), { abortSignal });
      const limit = attributes?.['MonthlySpendLimit'];
      return [
        IsInSandbox === true
          ? {
              ok: false,
              text: `The account is in the SMS sandbox of ${region}: only numbers verified there get messages, until AWS Support moves it out.`,
            }
          : { ok: true, text: `The account is out of the SMS sandbox of ${region}.` },
        limit !== undefined && /^[\d.]{1,12}$/.test(limit)
          ? { ok: true, text: `Beyond ${limit} US dollars a month, SNS accepts messages and sends none.` }
          : { ok: true, text: 'SNS tells no monthly spend limit; AWS begins with 1 US dollar.' },
      ];
    });
  } catch (error) {
    const { code } = awsFailureOf(error);
    if (code === 'AuthorizationError') {
      return [notLookedAt(['sns:GetSMSSandboxAccountStatus', 'sns:GetSMSAttributes'])];
    }
    return [{ ok: false, text: `Amazon SNS does not tell the state of the account: ${code}.` }];
  }
}
