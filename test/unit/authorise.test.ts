import { type OperationName, operations, shapes } from '@poolkeeper/model';
import { describe, expect, it } from 'vitest';
import { onlyReads, userPoolOf } from '../../packages/server/src/wire/authorise.ts';

const signed = Object.entries(operations)
  .filter(([, { auth }]) => auth === 'sigv4')
  .map(([name]) => name as OperationName);

/** A regenerated model with a new operation fails here until somebody has looked at what it does. */
describe('the kinds of access keys', () => {
  it('read-only: what changes nothing, and nothing else', () => {
    expect(signed.filter(onlyReads)).toEqual([
      'AdminGetDevice',
      'AdminGetUser',
      'AdminGetUserAuthFactors',
      'AdminListDevices',
      'AdminListGroupsForUser',
      'AdminListUserAuthEvents',
      'AdminListUserSessions',
      'DescribeIdentityProvider',
      'DescribeManagedLoginBranding',
      'DescribeManagedLoginBrandingByClient',
      'DescribeResourceServer',
      'DescribeRiskConfiguration',
      'DescribeTerms',
      'DescribeTermsByClient',
      'DescribeUserImportJob',
      'DescribeUserPool',
      'DescribeUserPoolClient',
      'DescribeUserPoolDomain',
      'GetCSVHeader',
      'GetGroup',
      'GetIdentityProviderByIdentifier',
      'GetLogDeliveryConfiguration',
      'GetProvisionedLimit',
      'GetSigningCertificate',
      'GetUICustomization',
      'GetUserPoolClientSessionConfiguration',
      'GetUserPoolMfaConfig',
      'GetUserPoolSessionConfiguration',
      'ListGroups',
      'ListIdentityProviders',
      'ListResourceServers',
      'ListTagsForResource',
      'ListTerms',
      'ListUserImportJobs',
      'ListUserPoolClientSecrets',
      'ListUserPoolClients',
      'ListUserPoolReplicas',
      'ListUserPools',
      'ListUsers',
      'ListUsersInGroup',
    ]);
  });

  it('bound to a pool: never what names no pool', () => {
    const namesPool = (name: OperationName) => {
      const shape = shapes[operations[name].input as string];
      const members = shape?.type === 'structure' ? shape.members : {};
      return 'UserPoolId' in members || 'ResourceArn' in members;
    };
    expect(signed.filter((name) => !namesPool(name))).toEqual([
      'CreateUserPool',
      'DescribeUserPoolDomain',
      'GetProvisionedLimit',
      'ListUserPools',
      'UpdateProvisionedLimit',
    ]);
  });
});

describe('the pool that a call is about', () => {
  const arn = 'arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_AbCdEf123';
  it.each<[object, string | undefined]>([
    [{ UserPoolId: 'us-east-1_AbCdEf123' }, 'us-east-1_AbCdEf123'],
    [{ ResourceArn: arn }, 'us-east-1_AbCdEf123'],
    [{ ResourceArn: `${arn}/client/x` }, undefined],
    [{ ResourceArn: 'arn:aws:cognito-idp:us-east-1:000000000000:identitypool/x' }, undefined],
    [{ MaxResults: 10 }, undefined],
  ])('%j', (input, id) => {
    expect(userPoolOf(input)).toBe(id);
  });
});
