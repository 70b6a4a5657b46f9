import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import type { RunningServer } from '../../packages/server/src/index.ts';

/** By it a database is known for one that a run left behind. */
export const POOL_NAME = 'poolkeeper-bench';
export const SRP_PASSWORD = 'Passw0rd!bench';
/** As many as sign in at once. */
const SRP_USERS = 8;

const sdkOf = (url: string) =>
  new CognitoIdentityProviderClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });

/** A pool with a client, without a limit to attempts, and with a few users who have a password. */
export async function createPool({ url }: Pick<RunningServer, 'url'>) {
  const sdk = sdkOf(url);
  const { UserPool } = await sdk.send(
    new CreateUserPoolCommand({ PoolName: POOL_NAME, AliasAttributes: ['email'] }),
  );
  const poolId = UserPool?.Id as string;
  const { UserPoolClient } = await sdk.send(
    new CreateUserPoolClientCommand({
      UserPoolId: poolId,
      ClientName: 'bench',
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    }),
  );
  const settings = await fetch(`${url}/_poolkeeper/pools/${poolId}/settings`, {
    method: 'PUT',
    body: JSON.stringify({ recovery: { attemptsPerHour: 0 } }),
  });
  if (!settings.ok) throw new Error(`The attempt limit was not lifted: ${await settings.text()}`);
  for (let index = 0; index < SRP_USERS; index += 1) {
    const user = { UserPoolId: poolId, Username: `srp-${index}` };
    await sdk.send(new AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS' }));
    await sdk.send(new AdminSetUserPasswordCommand({ ...user, Password: SRP_PASSWORD, Permanent: true }));
  }
  return { poolId, clientId: UserPoolClient?.ClientId as string };
}
