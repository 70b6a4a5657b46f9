import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { isVerified, type User } from '../users/user.ts';
import type { Trigger } from './trigger.ts';

/** ClientMetadata, or what else a request gives its functions: unread, and kept nowhere. */
export type Metadata = Readonly<Record<string, string>>;

/** What calls for a trigger: the members of its event that are not the same for all. */
export interface Occasion {
  readonly trigger: Trigger;
  /** `triggerSource`. */
  readonly source: string;
  readonly userName: string;
  /** The app client's; undefined where an administrator asks without one. */
  readonly clientId: string | null | undefined;
  readonly request: object;
  /** What the function is to fill in; undefined for one that is not asked anything. */
  readonly response?: object;
}

const NO_CLIENT = 'CLIENT_ID_NOT_APPLICABLE';
const UNKNOWN_SDK = 'aws-sdk-unknown-unknown';

/** An event as Amazon Cognito writes it, key by key in its order. */
export const eventOf = (services: Services, pool: UserPool, version: string, occasion: Occasion) => ({
  version,
  region: services.region,
  userPoolId: pool.id,
  userName: occasion.userName,
  callerContext: {
    awsSdkVersion: services.request?.awsSdkVersion ?? UNKNOWN_SDK,
    clientId: occasion.clientId === undefined ? NO_CLIENT : occasion.clientId,
  },
  triggerSource: occasion.source,
  request: occasion.request,
  ...(occasion.response && { response: occasion.response }),
});

const addresses = ['email', 'phone_number'] as const;

/** A user's attributes as events show them: all of them text, and what Cognito adds of its own. */
export function eventAttributes(
  pool: UserPool,
  { sub, status, attributes }: Pick<User, 'sub' | 'status' | 'attributes'>,
): Record<string, string> {
  const aliases: Record<string, string> = {};
  const unproven: Record<string, string> = {};
  for (const name of addresses) {
    const address = attributes[name];
    if (!address) continue;
    // As logged of users who have yet to confirm, and of one whom an administrator did (2023, 2024).
    if (attributes[`${name}_verified`] === undefined) unproven[`${name}_verified`] = 'false';
    const isAlias = pool.config.AliasAttributes?.includes(name) && isVerified({ attributes }, name);
    if (isAlias) aliases[`cognito:${name}_alias`] = address;
  }
  return { sub, ...aliases, 'cognito:user_status': status, ...unproven, ...attributes };
}

/** `clientMetadata` is a key of an event where there is any. */
export const withMetadata = (clientMetadata: Metadata | undefined) =>
  clientMetadata ? { clientMetadata } : {};
