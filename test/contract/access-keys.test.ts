import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  CreateUserPoolCommand,
  DescribeUserPoolCommand,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../support/refusal.ts';
import { openSignedServer, type SignedServer } from '../support/signed-server.ts';

let server: SignedServer;
let poolId: string;
let otherPoolId: string;
beforeAll(async () => {
  server = await openSignedServer();
  const sdk = server.sdk(await server.createKey('--name', 'tests'));
  const createPool = async () =>
    (await sdk.send(new CreateUserPoolCommand({ PoolName: 'test' }))).UserPool?.Id as string;
  poolId = await createPool();
  otherPoolId = await createPool();
}, 60_000);
afterAll(() => server?.[Symbol.asyncDispose]());

const listPools = new ListUserPoolsCommand({ MaxResults: 10 });

describe('an access key', () => {
  const denied = (accessKeyId: string, operation: string, resource: string) =>
    `AccessDeniedException: User: arn:aws:iam::000000000000:user/${accessKeyId} is not authorized to perform: cognito-idp:${operation} on resource: ${resource} because no identity-based policy allows the cognito-idp:${operation} action`;
  const arn = (id: string) => `arn:aws:cognito-idp:us-east-1:000000000000:userpool/${id}`;
  const createUser = (id: string, name: string) =>
    new AdminCreateUserCommand({ UserPoolId: id, Username: name, MessageAction: 'SUPPRESS' });
  const describePool = (id: string) => new DescribeUserPoolCommand({ UserPoolId: id });

  it('of the read-only kind changes nothing', async () => {
    const readOnly = await server.createKey('--read-only');
    const sdk = server.sdk(readOnly);
    await sdk.send(listPools);
    await sdk.send(describePool(poolId));
    expect(await refusal(sdk.send(createUser(poolId, 'intruder')))).toBe(
      denied(readOnly.accessKeyId, 'AdminCreateUser', arn(poolId)),
    );
    expect(await refusal(sdk.send(new CreateUserPoolCommand({ PoolName: 'no' })))).toBe(
      denied(readOnly.accessKeyId, 'CreateUserPool', '*'),
    );
    const user = new AdminGetUserCommand({ UserPoolId: poolId, Username: 'intruder' });
    expect(await refusal(sdk.send(user))).toMatch(/^UserNotFoundException/);
  });

  it('bound to a pool touches no other', async () => {
    const bound = await server.createKey('--pool', poolId);
    const sdk = server.sdk(bound);
    await sdk.send(createUser(poolId, 'member'));
    expect(await refusal(sdk.send(createUser(otherPoolId, 'intruder')))).toBe(
      denied(bound.accessKeyId, 'AdminCreateUser', arn(otherPoolId)),
    );
    expect(await refusal(sdk.send(listPools))).toBe(denied(bound.accessKeyId, 'ListUserPools', '*'));
  });

  it('can be both', async () => {
    const both = await server.createKey('--pool', poolId, '--read-only');
    const sdk = server.sdk(both);
    await sdk.send(describePool(poolId));
    expect(await refusal(sdk.send(describePool(otherPoolId)))).toMatch(/^AccessDeniedException/);
    expect(await refusal(sdk.send(createUser(poolId, 'another')))).toMatch(/^AccessDeniedException/);
  });

  it('is not made for a pool that does not exist', async () => {
    expect(await server.keys('create', '--pool', 'us-east-1_missing00')).toMatchObject({
      code: 1,
      errors: 'There is no user pool us-east-1_missing00.\n',
    });
  });

  it('shows its secret when it is made, and never again', async () => {
    const { output } = await server.keys('create', '--name', 'backup job');
    const [, id = '', secret = ''] =
      /AWS_ACCESS_KEY_ID=(PK[A-Z0-9]{18})\n.*AWS_SECRET_ACCESS_KEY=(\S{40})\n/s.exec(output) ?? [];
    expect(secret).not.toBe('');
    const list = (await server.keys('list')).output;
    expect(list).toMatch(new RegExp(`^${id} +full +every user pool +\\S+Z +live +backup job$`, 'm'));
    await server.keys('revoke', id);
    const keys = JSON.parse((await server.keys('list', '--json')).output) as {
      accessKeyId: string;
      revokedAt: string;
    }[];
    expect(keys.find(({ accessKeyId }) => accessKeyId === id)?.revokedAt).toMatch(/Z$/);
    expect(list + JSON.stringify(keys) + server.log()).not.toContain(secret);
    const rows = await server.database.rows('select * from access_keys');
    expect(
      Buffer.concat(rows.flatMap((row) => Object.values(row)).map((cell) => Buffer.from(`${cell}`))).includes(
        secret,
      ),
    ).toBe(false);
  });

  it.each([
    [['revoke'], /^Say which: poolkeeper keys revoke ID\./],
    [['revoke', 'PK0123456789ABCDEFGH'], /^There is no access key PK0123456789ABCDEFGH\.$/m],
    [['make'], /^poolkeeper keys takes create, list or revoke\./],
    [['create', '--name', 'two\nlines'], /^--name takes 128 printable characters at most\.$/m],
  ])('is named in %j, which tells what to do', async (args, text) => {
    const { code, errors } = await server.keys(...args);
    expect(code).toBe(1);
    expect(errors).toMatch(text);
  });
});
