import type { EmailConfigurationType } from '@poolkeeper/model';
import { noSuchConfigurationSet, sesIdentityNotVerified } from '../../../errors.ts';
import { awsFailureOf, notLookedAt, patiently } from './aws-client.ts';
import type { Finding } from './channel.ts';
import type { Ses } from './ses.ts';
import { MAY_NOT } from './ses-failure.ts';
import { regionFor, type SesPlace } from './ses-url.ts';

const IDENTITY_OF_ARN = /:identity\/([^/]+)$/;

const isNotFound = (error: unknown) => awsFailureOf(error).code === 'NotFoundException';

/**
 * Throws InvalidParameterException when Amazon SES says that an identity is not verified, or that there is no such
 * configuration set. A refusal to say, and no answer in time, say nothing.
 */
export async function checkSesOfPool(
  loaded: () => Promise<Ses>,
  place: SesPlace,
  { EmailSendingAccount, SourceArn, ConfigurationSet }: EmailConfigurationType,
  patience: number,
): Promise<void> {
  const arn = EmailSendingAccount === 'DEVELOPER' ? SourceArn : undefined;
  if (arn === undefined && ConfigurationSet === undefined) return;
  const region = regionFor(SourceArn, place);
  const [verified, exists] = await Promise.all([
    arn === undefined ||
      certainly(loaded, patience, async (ses, abortSignal) => {
        const EmailIdentity = IDENTITY_OF_ARN.exec(arn)?.[1];
        const command = new ses.sdk.GetEmailIdentityCommand({ EmailIdentity });
        const answer = await ses.clientIn(region).send(command, { abortSignal });
        return answer.VerifiedForSendingStatus !== false;
      }),
    ConfigurationSet === undefined ||
      certainly(loaded, patience, async (ses, abortSignal) => {
        const command = new ses.sdk.GetConfigurationSetCommand({ ConfigurationSetName: ConfigurationSet });
        await ses.clientIn(region).send(command, { abortSignal });
        return true;
      }),
  ]);
  if (!verified) throw sesIdentityNotVerified(region, arn as string);
  if (!exists) throw noSuchConfigurationSet(region, ConfigurationSet as string);
}

/** What Amazon SES answers to a question, where a NotFoundException is a no, and no answer at all is none. */
async function certainly(
  loaded: () => Promise<Ses>,
  patience: number,
  ask: (ses: Ses, signal: AbortSignal) => Promise<boolean>,
): Promise<boolean> {
  try {
    return await patiently(patience, async (signal) => ask(await loaded(), signal));
  } catch (error) {
    return !isNotFound(error);
  }
}

/** What an operator must know of the account, the default sender and the configuration set. */
export async function checkSes(
  loaded: () => Promise<Ses>,
  place: SesPlace,
  patience: number,
): Promise<readonly Finding[]> {
  const asked = <T>(question: (ses: Ses, signal: AbortSignal) => Promise<T>) =>
    patiently(patience, async (signal) => question(await loaded(), signal));
  return Promise.all([
    found(() => asked((ses, signal) => account(ses, place, signal)), 'ses:GetAccount'),
    senderFinding(asked, place),
    ...(place.configurationSet === undefined
      ? []
      : [
          found(
            () => asked((ses, signal) => configurationSet(ses, place, signal)),
            'ses:GetConfigurationSet',
          ),
        ]),
  ]);
}

type Asked = <T>(question: (ses: Ses, signal: AbortSignal) => Promise<T>) => Promise<T>;

async function account(
  { sdk, clientIn }: Ses,
  { region }: SesPlace,
  abortSignal: AbortSignal,
): Promise<Finding> {
  const answer = await clientIn(region).send(new sdk.GetAccountCommand({}), { abortSignal });
  const { SendingEnabled, ProductionAccessEnabled, EnforcementStatus, SendQuota } = answer;
  const where = `Amazon SES in ${region}`;
  if (SendingEnabled === false || EnforcementStatus === 'SHUTDOWN') {
    return { ok: false, text: `${where} does not send: sending is paused for the account. See its console.` };
  }
  if (ProductionAccessEnabled === false) {
    return {
      ok: false,
      text: `${where} is in its sandbox, and sends to verified identities alone: request production access in its console.`,
    };
  }
  const { Max24HourSend: most, SentLast24Hours: sent } = SendQuota ?? {};
  // -1 is no limit.
  if (most === undefined || sent === undefined || most < 0) return { ok: true, text: `${where} may send.` };
  return { ok: sent < most, text: `${where} has sent ${sent} of ${most} messages that it may in 24 hours.` };
}

async function senderFinding(asked: Asked, { from, region }: SesPlace): Promise<Finding> {
  if (from === undefined) {
    return { ok: false, text: 'Mail of pools that name no sender is not sent: add from= to --email ses://.' };
  }
  const address = /<([^<>]+)>$/.exec(from)?.[1] ?? from;
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return found(async () => {
    // Whichever of them is verified is enough.
    for (const EmailIdentity of [address, domain]) {
      const verified = await asked(async ({ sdk, clientIn }, abortSignal) => {
        const command = new sdk.GetEmailIdentityCommand({ EmailIdentity });
        return (await clientIn(region).send(command, { abortSignal })).VerifiedForSendingStatus === true;
      }).catch((error: unknown) => {
        if (isNotFound(error)) return false;
        throw error;
      });
      if (verified) return { ok: true, text: `The sender ${address} is verified (${EmailIdentity}).` };
    }
    return {
      ok: false,
      text: `Neither ${address} nor ${domain} is a verified identity of Amazon SES in ${region}: verify one in its console.`,
    };
  }, 'ses:GetEmailIdentity');
}

async function configurationSet(
  { sdk, clientIn }: Ses,
  { region, configurationSet: name }: SesPlace,
  abortSignal: AbortSignal,
): Promise<Finding> {
  try {
    const command = new sdk.GetConfigurationSetCommand({ ConfigurationSetName: name });
    const { SendingOptions } = await clientIn(region).send(command, { abortSignal });
    const paused = SendingOptions?.SendingEnabled === false;
    return {
      ok: !paused,
      text: `The configuration set ${name} ${paused ? 'has sending paused' : 'is there'}.`,
    };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return { ok: false, text: `There is no configuration set ${name} in ${region}.` };
  }
}

/** The finding, or why there is none. */
async function found(look: () => Promise<Finding>, permission: string): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    const { code } = awsFailureOf(error);
    if (code === 'NO_CREDENTIALS') {
      return {
        ok: false,
        text: 'There are no AWS credentials: set AWS_ACCESS_KEY_ID, or run it with a role.',
      };
    }
    if (/^AccessDenied/.test(code)) return notLookedAt([permission]);
    if (MAY_NOT.test(code)) return { ok: false, text: `The AWS credentials are not accepted: ${code}.` };
    return { ok: false, text: `Amazon SES did not answer ${permission}: ${code}.` };
  }
}
