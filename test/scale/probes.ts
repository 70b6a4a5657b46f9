import type { ChildProcess } from 'node:child_process';
import { call } from '../bench/call.ts';
import { SRP_PASSWORD } from '../bench/pool.ts';
import { cpuSeconds } from '../bench/processes.ts';
import { srpClient } from '../bench/srp-client.ts';
import { signInBySrp } from '../bench/srp-sign-in.ts';
import type { Measured } from './measured.ts';
import { PASSWORD } from './rows.ts';
import { emailOf, isOrdinary, nameOf, subOf, usernameOf } from './users.ts';

const LIST_CALLS = 60;
/** What grows with the number of users may take a second each time. */
const PATIENCE = 10_000;
const SIGN_INS = 30;

const anybody = (users: number) => Math.floor(Math.random() * users);

/** Somebody who may recover and sign in. */
export function anybodyOrdinary(users: number): number {
  let index = anybody(users);
  while (!isOrdinary(index)) index = anybody(users);
  return index;
}

/** Calls one after the other over HTTP, each about other users: what somebody waits for, and what the server spends. */
export async function probe(
  url: string,
  server: ChildProcess,
  { poolId, clientId }: { poolId: string; clientId: string },
  users: number,
): Promise<Measured> {
  const measured: Measured = {};
  const time = async (label: string, count: number, work: (round: number) => Promise<unknown>) => {
    const before = cpuSeconds(server);
    const took: number[] = [];
    const started = performance.now();
    for (let round = 0; round < count && performance.now() - started < PATIENCE; round += 1) {
      const begun = performance.now();
      await work(round);
      took.push(performance.now() - begun);
    }
    took.sort((a, b) => a - b);
    measured[`${label}, p50 ms`] = took[took.length >> 1] as number;
    measured[`${label}, CPU ms`] = ((cpuSeconds(server) - before) * 1000) / took.length;
  };
  const list = async (label: string, input: () => object) => {
    try {
      await time(`ListUsers ${label}`, LIST_CALLS, () =>
        call(url, 'ListUsers', { UserPoolId: poolId, ...input() }),
      );
    } catch {
      // PostgreSQL ends what takes longer than ten seconds.
      measured[`ListUsers ${label}, p50 ms`] = Number.NaN;
    }
  };

  await time('DescribeUserPool', LIST_CALLS, () => call(url, 'DescribeUserPool', { UserPoolId: poolId }));
  await list('first page', () => ({}));
  await list('page from anywhere', () => ({
    PaginationToken: Buffer.from(subOf(anybody(users))).toString('base64url'),
  }));
  for (const [label, filter] of filters(users)) await list(label, () => ({ Filter: filter() }));

  const refreshTokens: string[] = [];
  await time('USER_PASSWORD_AUTH', SIGN_INS, async () => {
    const { AuthenticationResult } = await call<{ AuthenticationResult: { RefreshToken: string } }>(
      url,
      'InitiateAuth',
      {
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: clientId,
        AuthParameters: { USERNAME: emailOf(anybodyOrdinary(users)), PASSWORD },
      },
    );
    refreshTokens.push(AuthenticationResult.RefreshToken);
  });
  await time('REFRESH_TOKEN_AUTH', LIST_CALLS, (round) =>
    call(url, 'InitiateAuth', {
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      ClientId: clientId,
      AuthParameters: { REFRESH_TOKEN: refreshTokens[round % refreshTokens.length] },
    }),
  );
  const client = await srpClient();
  const signers = Array.from({ length: 8 }, () => usernameOf(anybodyOrdinary(users)));
  for (const Username of signers) {
    const password = { Password: SRP_PASSWORD, Permanent: true };
    await call(url, 'AdminSetUserPassword', { UserPoolId: poolId, Username, ...password });
  }
  await time('USER_SRP_AUTH', SIGN_INS, (round) => {
    const account = { poolId, clientId, password: SRP_PASSWORD };
    return signInBySrp(url, client, account, signers[round % signers.length] as string);
  });
  await time('AdminCreateUser', SIGN_INS, (round) =>
    call(url, 'AdminCreateUser', {
      UserPoolId: poolId,
      Username: `new-${users}-${round}`,
      MessageAction: 'SUPPRESS',
      UserAttributes: [
        { Name: 'email', Value: `new-${users}-${round}@example.com` },
        { Name: 'email_verified', Value: 'true' },
        { Name: 'name', Value: 'Somebody New' },
      ],
    }),
  );
  return measured;
}

function filters(users: number): [string, () => string][] {
  return [
    ['email =', () => `email = "${emailOf(anybody(users))}"`],
    ['email ^= (one user)', () => `email ^= "${emailOf(anybody(users)).slice(0, -12)}"`],
    ['email ^= (1 in 64)', () => `email ^= "${emailOf(anybody(users)).split('.')[0]}."`],
    ['email ^= (everybody in a letter)', () => `email ^= "${emailOf(anybody(users)).charAt(0)}"`],
    ['name = (1 in 4,096)', () => `name = "${nameOf(anybody(users))}"`],
    ['username ^= (ten)', () => `username ^= "${usernameOf(anybody(users)).slice(0, -1)}"`],
    ['username ^= (everybody)', () => 'username ^= "1"'],
    ['sub =', () => `sub = "${subOf(anybody(users))}"`],
    ['sub ^= (1 in 4,096)', () => `sub ^= "${subOf(anybody(users)).slice(0, 3)}"`],
    ['cognito:user_status = CONFIRMED (95 %)', () => 'cognito:user_status = "CONFIRMED"'],
    ['cognito:user_status = RESET_REQUIRED (1 %)', () => 'cognito:user_status = "RESET_REQUIRED"'],
    ['cognito:user_status ^= C (95 %)', () => 'cognito:user_status ^= "C"'],
    ['status = Enabled', () => 'status = "Enabled"'],
    ['status = Disabled (0.5 %)', () => 'status = "Disabled"'],
  ];
}
