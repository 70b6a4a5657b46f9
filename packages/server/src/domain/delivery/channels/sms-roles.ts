import type { SmsConfigurationType } from '@poolkeeper/model';
import { type ServiceError, smsRoleNotTrusted } from '../../../errors.ts';
import type { Clock } from '../../../platform/clock.ts';
import { HOUR, MINUTE, SECOND } from '../../../platform/duration.ts';
import { type AwsFailure, type AwsPlace, awsFailureOf, PATIENCE, patiently } from './aws-client.ts';
import { type Finding, NotAccepted } from './channel.ts';
import { loadSts, type Sts } from './sts.ts';

/** A role that a pool has its messages sent by. */
export interface Role {
  readonly arn: string;
  readonly externalId: string | undefined;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface Roles {
  /** Kept until shortly before they expire. Throws NotAccepted. */
  credentialsOf(role: Role): Promise<Credentials>;
  /** Has the role assumed anew by who asks next. */
  forget(role: Role): void;
  /** Whose credentials the server has. */
  check(): Promise<Finding>;
  close(): Promise<void>;
}

/** Roles whose credentials are kept; beyond, the oldest go. */
const KEPT = 500;
/** AWS's own default. */
const LIFE = HOUR;
/** Credentials are not used in their last minutes: what they sign takes a while to arrive. */
const MARGIN = 5 * MINUTE;
/** A role that could not be assumed is not asked for again so soon: thousands of messages can wait for it. */
const FAILURE_KEPT = 5 * SECOND;
/** How long a request that sets a role is kept waiting at most, ms. */
const CHECK_PATIENCE = 5 * SECOND;

interface Assumption {
  readonly credentials: Promise<Credentials>;
  /** ms. */
  until: number;
}

/** Assumes pools' roles by AWS STS, with the credentials of the server. */
export function createRoles(place: AwsPlace, clock: Clock, patience = PATIENCE): Roles {
  const kept = new Map<string, Assumption>();
  let loading: Promise<Sts> | undefined;
  const loaded = () => {
    loading ??= loadSts(place);
    return loading;
  };
  const keyOf = ({ arn, externalId }: Role) => JSON.stringify([arn, externalId]);

  function assumption(role: Role): Assumption {
    const assumed = assume(role);
    const entry = {
      credentials: assumed.then(({ credentials }) => credentials),
      until: Number.POSITIVE_INFINITY,
    };
    assumed.then(
      ({ expiresAt }) => {
        entry.until = Math.min(expiresAt, clock.now() + LIFE) - MARGIN;
      },
      () => {
        entry.until = clock.now() + FAILURE_KEPT;
      },
    );
    return entry;
  }

  async function assume(role: Role) {
    let answer: Awaited<ReturnType<Sts['assumeRole']>>;
    try {
      answer = await patiently(patience, async (signal) =>
        (await loaded()).assumeRole(role, LIFE / SECOND, signal),
      );
    } catch (error) {
      throw notAssumed(role.arn, awsFailureOf(error));
    }
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
    if (!AccessKeyId || !SecretAccessKey || !SessionToken) {
      throw new NotAccepted('AWS STS answered without credentials.', 'STS_ANSWER');
    }
    return {
      credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
      expiresAt: Expiration?.getTime() ?? clock.now(),
    };
  }

  return {
    credentialsOf(role) {
      const key = keyOf(role);
      const known = kept.get(key);
      if (known !== undefined && known.until > clock.now()) return known.credentials;
      const entry = assumption(role);
      kept.delete(key);
      if (kept.size >= KEPT) kept.delete(kept.keys().next().value as string);
      kept.set(key, entry);
      return entry.credentials;
    },
    forget: (role) => void kept.delete(keyOf(role)),
    async check() {
      try {
        const whose = await patiently(patience, async (signal) => (await loaded()).whoAmI(signal));
        return { ok: true, text: `The credentials are those of ${whose}.` };
      } catch (error) {
        const { code } = awsFailureOf(error);
        const text =
          code === 'NO_CREDENTIALS'
            ? 'There are no AWS credentials: set AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is attached.'
            : `AWS STS does not say whose the credentials are: ${code}.`;
        return { ok: false, text };
      }
    },
    async close() {
      (await loading?.catch(() => undefined))?.destroy();
    },
  };
}

/** STS refuses a role with AccessDenied that does not trust the server, or wants another ExternalId. */
const NEVER_ASSUMED = new Set(['AccessDenied', 'AccessDeniedException', 'ValidationError']);

function notAssumed(arn: string, { code, passing }: AwsFailure): NotAccepted {
  const blames = passing ? 'provider' : NEVER_ASSUMED.has(code) ? 'sms-role-trust' : 'sender';
  return new NotAccepted(`The role ${arn} could not be assumed: ${code}.`, `STS_${code}`, blames);
}

/** Whether an error says that credentials are no longer good, which were good when they were kept. */
export function isStale(error: unknown): boolean {
  if (error instanceof NotAccepted) return false;
  return /Token|Credential|Security|Signature|UnrecognizedClient/.test(awsFailureOf(error).code);
}

/** The role of a pool for messages by SNS. */
export const snsRoleOf = (config: SmsConfigurationType | undefined): Role | undefined =>
  config?.SnsCallerArn ? { arn: config.SnsCallerArn, externalId: config.ExternalId } : undefined;

/** The role of a pool for messages by AWS End User Messaging. */
export function eumRoleOf(config: SmsConfigurationType | undefined): Role | undefined {
  const eum = config?.EumsSms;
  return eum === undefined ? snsRoleOf(config) : { arn: eum.CallerArn, externalId: eum.ExternalId };
}

/** For trying roles out, as well formed as nobody's: no country's numbers begin with 0. */
export const NOBODYS_NUMBER = '+00000000';

/**
 * Has a role assumed anew, and tries what it is for. Throws the ServiceError of a role that is certain not to work;
 * what could not be found out in time is let pass.
 */
export async function checkRole(
  roles: Roles,
  role: Role,
  tryOut: () => Promise<unknown>,
  mayNotPublish: () => ServiceError,
): Promise<void> {
  roles.forget(role);
  try {
    await patiently(CHECK_PATIENCE, async () => {
      await roles.credentialsOf(role);
      await tryOut();
    });
  } catch (error) {
    if (!(error instanceof NotAccepted)) return;
    if (error.blames === 'sms-role-trust') throw smsRoleNotTrusted();
    if (error.blames === 'sms-role-access') throw mayNotPublish();
  }
}
