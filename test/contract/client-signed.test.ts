import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createUserPool,
  deleteUserPool,
  listUserPools,
  newCreateUserPool,
  newDeleteUserPool,
  newListUserPools,
  sigV4,
} from '../../packages/client/src/index.ts';
import { type Credentials, openSignedServer, type SignedServer } from '../support/signed-server.ts';

// In production every signature is verified: these are the client's own.
let server: SignedServer;
let key: Credentials;
beforeAll(async () => {
  server = await openSignedServer();
  key = await server.createKey('--name', 'client');
}, 60_000);
afterAll(() => server?.[Symbol.asyncDispose]());

const clientOf = (credentials: Credentials, region = 'us-east-1') => ({
  endpoint: server.url,
  sign: sigV4({ region, credentials }),
});

test('an administrator makes, lists and deletes a pool, whatever letters its name has', async () => {
  const admin = clientOf(key);
  const { UserPool } = await createUserPool(admin, newCreateUserPool('pool 1+1=2'));
  const { UserPools } = await listUserPools(admin, newListUserPools(10));
  expect(UserPools).toMatchObject([{ Id: UserPool?.Id, Name: 'pool 1+1=2' }]);
  expect(UserPools?.[0]?.CreationDate).toBeInstanceOf(Date);
  await deleteUserPool(admin, newDeleteUserPool(UserPool?.Id ?? ''));
});

test.each([
  [
    'another secret',
    () => ({ ...key, secretAccessKey: 'x'.repeat(40) }),
    'us-east-1',
    'InvalidSignatureException',
  ],
  [
    'an unknown key',
    () => ({ ...key, accessKeyId: 'AKIAXXXXXXXXXXXXXXXX' }),
    'us-east-1',
    'UnrecognizedClientException',
  ],
  ['another region', () => key, 'eu-west-1', 'InvalidSignatureException'],
])('%s is refused', async (_, credentials, region, name) => {
  await expect(listUserPools(clientOf(credentials(), region), newListUserPools(10))).rejects.toMatchObject({
    name,
  });
});
