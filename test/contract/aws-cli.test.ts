import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Credentials, openSignedServer, type SignedServer } from '../support/signed-server.ts';

const version = installedVersion();
if (version === undefined) {
  const reason = 'No AWS CLI was found. Install it (on Debian: apt-get install awscli).';
  // Where everything is meant to be there, a test that does not run is a failure.
  if (process.env['CI'] === 'true') throw new Error(reason);
  console.warn(`The tests of the AWS CLI are skipped. ${reason}`);
}

function installedVersion(): string | undefined {
  try {
    return execFileSync('aws', ['--version'], { encoding: 'utf8' });
  } catch {
    return undefined;
  }
}

describe.skipIf(version === undefined)('aws cognito-idp', () => {
  let server: SignedServer;
  let key: Credentials;
  beforeAll(async () => {
    server = await openSignedServer();
    key = await server.createKey();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  /** What it printed, as JSON. Rejects with what it wrote to standard error. */
  async function aws(
    operation: string,
    args: readonly string[] = [],
    { accessKeyId, secretAccessKey } = key,
  ) {
    const { stdout } = await promisify(execFile)(
      'aws',
      [
        'cognito-idp',
        operation,
        '--endpoint-url',
        server.url,
        '--region',
        'us-east-1',
        '--output',
        'json',
        ...args,
      ],
      {
        env: {
          PATH: process.env['PATH'],
          HOME: '/nowhere',
          AWS_ACCESS_KEY_ID: accessKeyId,
          AWS_SECRET_ACCESS_KEY: secretAccessKey,
          AWS_EC2_METADATA_DISABLED: 'true',
          AWS_PAGER: '',
        },
      },
    );
    return JSON.parse(stdout || 'null');
  }

  it('administers a pool with an access key', async () => {
    const { UserPool } = await aws('create-user-pool', ['--pool-name', 'cli']);
    const pool = ['--user-pool-id', UserPool.Id];
    const { User } = await aws('admin-create-user', [
      ...pool,
      ...['--username', 'zoë', '--message-action', 'SUPPRESS'],
      ...['--user-attributes', 'Name=email,Value=zoe@example.com', 'Name=email_verified,Value=true'],
    ]);
    expect(User).toMatchObject({ Username: 'zoë', UserStatus: 'FORCE_CHANGE_PASSWORD' });
    const { Users } = await aws('list-users', [...pool, '--filter', 'email = "zoe@example.com"']);
    expect(Users).toMatchObject([{ Username: 'zoë' }]);
  });

  it.each<[string, () => Credentials, string[], RegExp]>([
    [
      'a wrong secret',
      () => ({ ...key, secretAccessKey: 'another' }),
      [],
      /\(InvalidSignatureException\) when calling the ListUserPools operation: The request signature we calculated does not match the signature you provided/,
    ],
    [
      'a key that nobody made',
      () => ({ ...key, accessKeyId: 'PK0123456789ABCDEFGH' }),
      [],
      /\(UnrecognizedClientException\) when calling the ListUserPools operation: The security token included in the request is invalid\./,
    ],
    [
      'no key',
      () => key,
      ['--no-sign-request'],
      /\(MissingAuthenticationTokenException\) when calling the ListUserPools operation: Missing Authentication Token/,
    ],
  ])('says why it is refused with %s', async (_, credentials, args, text) => {
    const call = aws('list-user-pools', ['--max-results', '10', ...args], credentials());
    await expect(call).rejects.toThrow(text);
  });

  it('signs a user up without a key', async () => {
    const { UserPool } = await aws('create-user-pool', ['--pool-name', 'cli']);
    const app = ['--user-pool-id', UserPool.Id, '--client-name', 'app'];
    const { UserPoolClient } = await aws('create-user-pool-client', app);
    const client = ['--no-sign-request', '--client-id', UserPoolClient.ClientId];
    const user = ['--username', 'ann', '--password', 'Passw0rd!first'];
    const signedUp = await aws('sign-up', [...client, ...user]);
    expect(signedUp).toMatchObject({ UserConfirmed: false });
  });
});
