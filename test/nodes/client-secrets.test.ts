import {
  AddUserPoolClientSecretCommand,
  DeleteUserPoolClientSecretCommand,
  ListUserPoolClientSecretsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LONGEST_STALE } from '../../packages/server/src/platform/promise-cache.ts';
import { type Nodes, openNodes } from '../support/nodes.ts';
import { recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { secretHash } from '../support/sign-in.ts';

let cluster: Nodes;
beforeAll(async () => {
  cluster = await openNodes(3);
});
afterAll(() => cluster[Symbol.asyncDispose]());

const untilKnownEverywhere = () => new Promise((resolve) => setTimeout(resolve, LONGEST_STALE + 50));

it('a secret that one node adds or deletes is known to all within a second', async () => {
  const UserPoolId = await cluster.node(0).createPool();
  const client = await cluster.node(0).createClient(UserPoolId, { GenerateSecret: true });
  const { ClientId } = client;
  await cluster.node(0).createUser(UserPoolId, 'ann');
  const at = (index: number, ClientSecret = client.ClientSecret as string) =>
    recoveryCalls(cluster.node(index), client).confirm(
      'ann',
      '000000',
      undefined,
      secretHash({ ClientId, ClientSecret }, 'ann'),
    );
  for (const index of [0, 1, 2]) expect(await refusal(at(index))).toMatch(/^ExpiredCodeException/);

  const [one, other] = [cluster.node(0), cluster.node(1)];
  const { ClientSecretDescriptor: added } = await one.sdk.send(
    new AddUserPoolClientSecretCommand({ UserPoolId, ClientId }),
  );
  await untilKnownEverywhere();
  for (const index of [0, 1, 2]) {
    expect(await refusal(at(index, added?.ClientSecretValue))).not.toContain('secret hash');
    expect(await refusal(at(index))).not.toContain('secret hash');
  }

  const { ClientSecrets } = await other.sdk.send(
    new ListUserPoolClientSecretsCommand({ UserPoolId, ClientId }),
  );
  const ClientSecretId = ClientSecrets?.[0]?.ClientSecretId;
  await other.sdk.send(new DeleteUserPoolClientSecretCommand({ UserPoolId, ClientId, ClientSecretId }));
  await untilKnownEverywhere();
  for (const index of [0, 1, 2]) {
    expect(await refusal(at(index, added?.ClientSecretValue))).not.toContain('secret hash');
    expect(await refusal(at(index))).toContain('Unable to verify secret hash');
  }
});

it('of secrets added through all nodes at once, one is', async () => {
  const UserPoolId = await cluster.node(0).createPool();
  const { ClientId } = await cluster.node(0).createClient(UserPoolId, { GenerateSecret: true });
  const command = new AddUserPoolClientSecretCommand({ UserPoolId, ClientId });
  const all = Array.from({ length: 9 }, (_, index) => cluster.node(index).sdk.send(command));
  const added = await Promise.allSettled(all);
  expect(added.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});
