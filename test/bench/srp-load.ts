import { srpClient } from './srp-client.ts';

/** SRP sign-ins, eight at a time, for some seconds. Arguments: URL, seconds, client id, pool id, password. */
const [url, seconds, clientId, poolId, password] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const poolName = poolId.slice(poolId.indexOf('_') + 1);

async function call(operation: string, input: object) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify(input),
  });
  if (!response.ok) throw new Error(`${operation}: ${await response.text()}`);
  return (await response.json()) as { ChallengeParameters: Record<string, string> };
}

type Client = Awaited<ReturnType<typeof srpClient>>;

async function signIn(client: Client, username: string): Promise<void> {
  const { ChallengeParameters } = await call('InitiateAuth', {
    AuthFlow: 'USER_SRP_AUTH',
    ClientId: clientId,
    AuthParameters: { USERNAME: username, SRP_A: client.A },
  });
  await call('RespondToAuthChallenge', {
    ChallengeName: 'PASSWORD_VERIFIER',
    ClientId: clientId,
    ChallengeResponses: await client.proof({ poolName, userId: username, password }, ChallengeParameters),
  });
}

const started = performance.now();
const latencies: number[] = [];
await Promise.all(
  Array.from({ length: 8 }, async (_, index) => {
    const client = await srpClient();
    while (performance.now() - started < Number(seconds) * 1000) {
      const begun = performance.now();
      await signIn(client, `srp-${index}`);
      latencies.push(performance.now() - begun);
    }
  }),
);
latencies.sort((a, b) => a - b);
const at = (quantile: number) => latencies[Math.floor(latencies.length * quantile)] ?? 0;
console.log(
  JSON.stringify({
    perSecond: (latencies.length * 1000) / (performance.now() - started),
    p50: at(0.5),
    p99: at(0.99),
  }),
);
