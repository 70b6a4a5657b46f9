import type { ClientSecretDescriptorType, UserPoolClientType, UserPoolType } from '@poolkeeper/model';
import type { AppClient, ClientSecret } from './app-client.ts';
import type { UserPool } from './user-pool.ts';

/** The account in ARNs; Poolkeeper knows no AWS account. */
export const ACCOUNT = '000000000000';

export const userPoolArn = (region: string, poolId: string) =>
  `arn:aws:cognito-idp:${region}:${ACCOUNT}:userpool/${poolId}`;

export function describeUserPool(
  pool: UserPool,
  region: string,
  estimatedNumberOfUsers: number,
): UserPoolType {
  return {
    Id: pool.id,
    Name: pool.name,
    ...pool.config,
    LastModifiedDate: new Date(pool.updatedAt),
    CreationDate: new Date(pool.createdAt),
    EstimatedNumberOfUsers: estimatedNumberOfUsers,
    Arn: userPoolArn(region, pool.id),
  };
}

/** The older one of two secrets is shown: whoever reads it here has one that works, before, during and after a rotation. */
export function describeAppClient(client: AppClient): UserPoolClientType {
  const [secret] = client.secrets;
  return {
    UserPoolId: client.poolId,
    ClientName: client.name,
    ClientId: client.id,
    ...(secret !== undefined && { ClientSecret: secret.value }),
    LastModifiedDate: new Date(client.updatedAt),
    CreationDate: new Date(client.createdAt),
    ...client.config,
    AllowedOAuthFlowsUserPoolClient: false,
    EnablePropagateAdditionalUserContextData: false,
  };
}

/** Without its value. */
export const describeClientSecret = ({ id, createdAt }: ClientSecret): ClientSecretDescriptorType => ({
  ClientSecretId: id,
  ClientSecretCreateDate: new Date(createdAt),
});
