import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { User } from '../users/user.ts';
import { eventAttributes, type Metadata } from './event.ts';

/** The sign-in that functions are run in. */
export interface SignIn {
  readonly services: Services;
  readonly pool: UserPool;
  readonly client: AppClient;
  /** Of an answer to a challenge. */
  readonly clientMetadata?: Metadata | undefined;
}

/** Who signs in, as functions are told: a user, or nobody under the name of who stands in for them. */
export interface Party {
  readonly user: User | undefined;
  readonly username: string;
}

/** Members of every event about somebody who may be nobody. */
export const partyOf = ({ pool }: SignIn, { user }: Party) => ({
  userAttributes: user === undefined ? {} : eventAttributes(pool, user),
});

/** Functions of a client that hides users run for nobody as well, and are told. */
export const withUserNotFound = ({ client }: SignIn, { user }: Party) =>
  client.hidesUsers ? { userNotFound: user === undefined } : {};
