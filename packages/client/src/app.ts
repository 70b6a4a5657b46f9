import type { InitiateAuthRequest } from '@poolkeeper/model';
import type { CallOptions, Client } from './client.ts';
import { secretHash } from './secret-hash.ts';

/** An app client of a user pool, and where to call it: what the flows of sign-in and recovery go through. */
export interface App extends Client {
  readonly clientId: string;
  /** Belongs on servers; a page can keep no secret. */
  readonly clientSecret?: string | undefined;
  /** E.g. `us-east-1_AbCdEf123`; SRP hashes it. */
  readonly userPoolId?: string | undefined;
}

type Extras = 'AnalyticsMetadata' | 'ClientMetadata' | 'UserContextData';

/** What holds for one step of a flow, and what its requests carry along. */
export interface FlowOptions extends CallOptions, Pick<InitiateAuthRequest, Extras> {}

export const extrasOf = ({ AnalyticsMetadata, ClientMetadata, UserContextData }: FlowOptions = {}) => ({
  AnalyticsMetadata,
  ClientMetadata,
  UserContextData,
});

/** Undefined for an app client without a secret. */
export const hashFor = async (
  { clientId, clientSecret }: App,
  username: string,
): Promise<string | undefined> =>
  clientSecret === undefined ? undefined : secretHash(clientId, clientSecret, username);

/** USERNAME and, with a secret, SECRET_HASH, as maps of parameters carry them. */
export async function namedBy(app: App, username: string): Promise<Record<string, string>> {
  const hash = await hashFor(app, username);
  return { USERNAME: username, ...(hash !== undefined && { SECRET_HASH: hash }) };
}
