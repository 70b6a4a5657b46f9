import {
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
  ListUserPoolsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { describe, expect, it } from 'vitest';
import { openHouse, raw } from '../support/house.ts';
import { recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { openSignedServer } from '../support/signed-server.ts';

// "Excess" is all that AWS documents; the text is what clients have seen (boto/boto3#2517, aws-amplify/amplify-js#13608).
const TOO_MANY = 'TooManyRequestsException: Rate exceeded';

/** Calls at once; how many were not refused for their rate, and how many may pass in the time that it took. */
async function flood(count: number, rate: number, call: (index: number) => Promise<unknown>) {
  const started = performance.now();
  const answers = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      call(index).then(
        () => 'ok',
        (error: Error) => `${error.name}: ${error.message}`,
      ),
    ),
  );
  const seconds = (performance.now() - started) / 1000;
  const passed = answers.filter((answer) => answer !== TOO_MANY).length;
  return { answers, passed, most: Math.floor(rate + rate * seconds) };
}

describe('a category of operations', () => {
  it('takes its rate and no more of requests that come at once, whoever sends them', async () => {
    await using house = await openHouse({ requestRates: ['off', 'UserRead=20'] });
    const UserPoolId = await house.createPool();
    const { passed, most, answers } = await flood(200, 20, (index) =>
      house.sdk.send(new AdminGetUserCommand({ UserPoolId, Username: `nobody${index}` })),
    );
    expect(passed).toBeGreaterThanOrEqual(20);
    expect(passed).toBeLessThanOrEqual(most);
    expect(answers).toContain(TOO_MANY);
    // Others go on as if nothing were.
    expect((await house.sdk.send(new ListUserPoolsCommand({ MaxResults: 1 }))).UserPools).toHaveLength(1);
    const metrics = await (await fetch(`${house.url}/metrics`)).text();
    expect(/^poolkeeper_limited_total.*$/m.exec(metrics)?.[0]).toBe(
      `poolkeeper_limited_total{limit="UserRead"} ${200 - passed}`,
    );
  });

  it('is not limited in dev mode, unless it is asked for', async () => {
    await using house = await openHouse();
    const list = () => house.sdk.send(new ListUserPoolsCommand({ MaxResults: 1 }));
    expect((await flood(60, 0, list)).answers.every((answer) => answer === 'ok')).toBe(true);
  });

  it("is waited for by the SDK's own retries", async () => {
    await using house = await openHouse({ requestRates: ['off', 'UserPoolRead=1'] });
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const sdk = new CognitoIdentityProviderClient({ endpoint: house.url, region: 'us-east-1', credentials });
    await sdk.send(new ListUserPoolsCommand({ MaxResults: 1 }));
    const { UserPools, $metadata } = await sdk.send(new ListUserPoolsCommand({ MaxResults: 1 }));
    expect(UserPools).toEqual([]);
    expect($metadata.attempts).toBeGreaterThan(1);
    sdk.destroy();
  });
});

it('a refusal for the rate says when to come again, to browsers too', async () => {
  await using house = await openHouse({ requestRates: ['off', 'UserPoolRead=1'] });
  const calls = Array.from({ length: 20 }, () => raw(house.url, 'ListUserPools', { MaxResults: 1 }));
  const refused = (await Promise.all(calls)).find(({ status }) => status !== 200);
  expect(refused?.status).toBe(400);
  expect(refused?.json).toEqual({ __type: 'TooManyRequestsException', message: 'Rate exceeded' });
  expect(refused?.headers.get('retry-after')).toBe('1');
  expect(refused?.headers.get('access-control-expose-headers')).toBe(
    'x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date,Retry-After',
  );
});

describe("a user's own rate", () => {
  it('leaves the other users alone, and tells nothing of who exists', async () => {
    await using house = await openHouse({ requestRates: ['off', 'PerUserWrite=5'] });
    const poolId = await house.createPool();
    const client = await house.createClient(poolId, { PreventUserExistenceErrors: 'ENABLED' });
    await house.createUser(poolId, 'ann');
    const { forgot } = recoveryCalls(house, client);
    for (const name of ['ann', 'nobody']) {
      const { passed, most, answers } = await flood(60, 5, () => forgot(name));
      expect(passed).toBeGreaterThanOrEqual(5);
      expect(passed).toBeLessThanOrEqual(most);
      expect(answers).toContain(TOO_MANY);
    }
    await forgot('somebody-else');
  });

  it('does not let who floods one name shut the others out', async () => {
    await using house = await openHouse({
      requestRates: ['off', 'PerUserWrite=2', 'UserAccountRecovery=30'],
    });
    const client = await house.createClient(await house.createPool(), {
      PreventUserExistenceErrors: 'ENABLED',
    });
    const { forgot } = recoveryCalls(house, client);
    await flood(200, 2, () => forgot('victim'));
    await expect(forgot('ann')).resolves.toBeDefined();
  });
});

describe('in production', () => {
  it('limits by the quotas of AWS, and strangers without a signature use none of them up', async () => {
    await using server = await openSignedServer({ requestRates: 'aws' });
    const sdk = server.sdk(await server.createKey());
    const list = () => sdk.send(new ListUserPoolsCommand({ MaxResults: 1 }));
    await Promise.all(Array.from({ length: 100 }, () => raw(server.url, 'ListUserPools', { MaxResults: 1 })));
    await list();
    const { passed, most, answers } = await flood(100, 15, list);
    expect(passed).toBeGreaterThanOrEqual(10);
    expect(passed).toBeLessThanOrEqual(most);
    expect(answers).toContain(TOO_MANY);
  });

  it('takes a rate from the environment', async () => {
    await using server = await openSignedServer({ requestRates: 'UserPoolRead=1' });
    const sdk = server.sdk(await server.createKey());
    const list = () => sdk.send(new ListUserPoolsCommand({ MaxResults: 1 }));
    expect(await refusal(Promise.all(Array.from({ length: 10 }, list)))).toBe(TOO_MANY);
  });
});
