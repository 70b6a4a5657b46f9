import { ServiceError } from '../../errors.ts';
import type { MessageChannel } from '../delivery/message.ts';
import type { AppClient } from '../pools/app-client.ts';
import { factorsOfPool } from '../pools/mfa-config.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { readAttributes, requireRequired } from '../users/attributes.ts';
import { type NewIdentity, newIdentity } from '../users/create-user.ts';
import {
  BadAnswer,
  boolean,
  listOf,
  type MemberReader,
  type Members,
  mapOf,
  optional,
  type Remark,
  text,
} from './answer.ts';
import { type Metadata, withMetadata } from './event.ts';
import { runTrigger } from './run-trigger.ts';

/** What somebody whom the pool does not know wants, and what they sent along. */
export interface Migration {
  readonly source: 'UserMigration_Authentication' | 'UserMigration_ForgotPassword';
  /** As typed; undefined for who has forgotten it. */
  readonly password?: string | undefined;
  readonly validationData?: Metadata | undefined;
  readonly clientMetadata?: Metadata | undefined;
}

/** Whom the function knows under the name, as they are to be here. */
export interface Migrant {
  readonly identity: NewIdentity;
  readonly status: 'CONFIRMED' | 'RESET_REQUIRED';
  /** How they are told of it; undefined: not at all. */
  readonly welcome: readonly MessageChannel[] | undefined;
  readonly forceAlias: boolean;
  readonly smsMfa: boolean;
}

/** A username as the API has it (`UsernameType`); sign-ins take any text for one. */
export const LONGEST_NAME = 128;
const USERNAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u;

/** Asks the pool's function about a name that nobody has here; undefined when nobody has it there either. */
export async function userMigration(
  services: Services,
  pool: UserPool,
  client: AppClient,
  name: string,
  { source, password, validationData, clientMetadata }: Migration,
): Promise<Migrant | undefined> {
  const occasion = {
    trigger: 'UserMigration' as const,
    source,
    userName: name,
    clientId: client.id,
    request: {
      ...(password !== undefined && { password }),
      validationData: validationData ?? null,
      userAttributes: null,
      ...withMetadata(clientMetadata),
    },
    response: {
      userAttributes: null,
      forceAliasCreation: null,
      enableSMSMFA: null,
      finalUserStatus: null,
      messageAction: null,
      desiredDeliveryMediums: null,
    },
  };
  return runTrigger(services, pool, occasion, (response, remark) => migrantIn(pool, name, response, remark));
}

function migrantIn(pool: UserPool, name: string, response: Members, remark: Remark): Migrant | undefined {
  const member = <Value>(read: MemberReader<Value>, key: string) =>
    optional(read)(response[key], `response.${key}`);
  const attributes = member(mapOf(optional(text)), 'userAttributes');
  const wanted = {
    status: member(text, 'finalUserStatus') === 'CONFIRMED' ? 'CONFIRMED' : 'RESET_REQUIRED',
    welcome:
      member(text, 'messageAction') === 'SUPPRESS'
        ? undefined
        : (member(listOf(medium), 'desiredDeliveryMediums') ?? []),
    forceAlias: member(boolean, 'forceAliasCreation') ?? false,
    smsMfa: member(boolean, 'enableSMSMFA') ?? false,
  } as const;
  if (attributes === undefined) return undefined;
  // Amazon Cognito then answers as if nobody had the name (boto3#2747).
  if (attributes['sub'] !== undefined || Object.keys(attributes).length === 0) {
    remark('response.userAttributes must have attributes, and no sub: nobody was migrated.');
    return undefined;
  }
  const identity = identityOf(pool, name, attributes);
  const mayAskBySms = factorsOfPool(pool.config).includes('SMS_MFA') && identity.attributes['phone_number'];
  if (wanted.smsMfa && !mayAskBySms) {
    throw new BadAnswer('response.enableSMSMFA needs a phone_number, and a pool with MFA by SMS.');
  }
  return { identity, ...wanted };
}

const medium: MemberReader<MessageChannel> = (value, name) => {
  if (value === 'EMAIL' || value === 'SMS') return value;
  throw new BadAnswer(`${name.slice(0, 200)} must be EMAIL or SMS.`);
};

/**
 * `username` among the attributes names who was known by an alias; where usernames are made by the server, it is not
 * heeded.
 */
function identityOf(
  pool: UserPool,
  typed: string,
  { username, ...given }: Readonly<Record<string, string | undefined>>,
): NewIdentity {
  const list = Object.entries(given).flatMap(([Name, Value]) =>
    Value === undefined ? [] : [{ Name, Value }],
  );
  const name = pool.config.UsernameAttributes?.length ? typed : (username ?? typed);
  if (name.length > LONGEST_NAME || !USERNAME.test(name)) {
    throw new BadAnswer('response.userAttributes.username, or the name that was typed, can be no username.');
  }
  try {
    const identity = newIdentity(pool, name, readAttributes(pool, list, 'admin'));
    requireRequired(pool, identity.attributes);
    return identity;
  } catch (error) {
    if (error instanceof ServiceError) {
      throw new BadAnswer(`response.userAttributes make no user: ${error.message.trim().slice(0, 300)}`);
    }
    throw error;
  }
}
