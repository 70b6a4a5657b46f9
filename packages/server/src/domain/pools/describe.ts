import type { UserPoolClientType, UserPoolType } from '@poolkeeper/model';
import type { AppClient } from './app-client.ts';
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

export function describeAppClient(client: AppClient): UserPoolClientType {
  return {
    UserPoolId: client.poolId,
    ClientName: client.name,
    ClientId: client.id,
    ...(client.secret !== undefined && { ClientSecret: client.secret }),
    LastModifiedDate: new Date(client.updatedAt),
    CreationDate: new Date(client.createdAt),
    ...client.config,
    AllowedOAuthFlowsUserPoolClient: false,
    EnablePropagateAdditionalUserContextData: false,
  };
}
