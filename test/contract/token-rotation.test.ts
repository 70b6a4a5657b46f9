import {
  type CreateUserPoolClientCommandInput,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  RevokeTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';
import { claimsOf, refresh, signIn, type Tokens } from '../support/sign-in.ts';

const REUSED = /^RefreshTokenReuseException: /;

let house: House;
let pool: string;
/** Clients that rotate, by their grace period. */
let strict: { ClientId: string };
let lenient: { ClientId: string };

beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  strict = await rotating(0);
  lenient = await rotating(30);
  await house.createUser(pool, 'ann');
});
afterAll(() => house[Symbol.asyncDispose]());

const rotating = (seconds: number, more: Partial<CreateUserPoolClientCommandInput> = {}) =>
  house.createClient(pool, {
    ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
    RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: seconds },
    ...more,
  });

async function exchange(ClientId: string, RefreshToken: string, ClientSecret?: string): Promise<Tokens> {
  const command = { ClientId, RefreshToken, ...(ClientSecret && { ClientSecret }) };
  const answer = await house.sdk.send(new GetTokensFromRefreshTokenCommand(command));
  return answer.AuthenticationResult as Tokens;
}

const getUser = (token: string) => house.sdk.send(new GetUserCommand({ AccessToken: token }));

describe('a client that rotates refresh tokens', () => {
  it('gets a new one with each exchange, of the same sign-in', async () => {
    const first = await signIn(house, strict.ClientId, 'ann');
    const second = await exchange(strict.ClientId, first.RefreshToken);
    const third = await exchange(strict.ClientId, second.RefreshToken);
    expect(new Set([first, second, third].map((t) => t.RefreshToken)).size).toBe(3);
    const [before, after] = [claimsOf(first.AccessToken), claimsOf(third.AccessToken)];
    expect(after['origin_jti']).toBe(before['origin_jti']);
    expect(after['auth_time']).toBe(before['auth_time']);
    expect((await getUser(third.AccessToken)).Username).toBe('ann');
  });

  it('cannot use REFRESH_TOKEN_AUTH', async () => {
    const both = await house.createClient(pool, {
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
    });
    for (const { ClientId } of [strict, both]) {
      const { RefreshToken } = await signIn(house, ClientId, 'ann');
      expect(await refusal(refresh(house, ClientId, RefreshToken))).toMatch(/^InvalidParameterException: /);
      expect((await exchange(ClientId, RefreshToken)).RefreshToken).toBeDefined();
    }
  });

  it('ends with the first sign-in: an exchange does not make it longer', async () => {
    await using other = await openHouse();
    const poolId = await other.createPool();
    const { ClientId } = await other.createClient(poolId, {
      RefreshTokenValidity: 2,
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
    });
    await other.createUser(poolId, 'ben');
    const { RefreshToken } = await signIn(other, ClientId, 'ben');
    await other.advance('P1D');
    const command = new GetTokensFromRefreshTokenCommand({ ClientId, RefreshToken });
    const next = (await other.sdk.send(command)).AuthenticationResult?.RefreshToken;
    await other.advance('P1D');
    const late = new GetTokensFromRefreshTokenCommand({ ClientId, RefreshToken: next });
    expect(await refusal(other.sdk.send(late))).toBe('NotAuthorizedException: Refresh Token has expired');
  });
});

describe('a refresh token that was exchanged', () => {
  it('ends the session when it comes again: access tokens, and the token it was exchanged for', async () => {
    const first = await signIn(house, strict.ClientId, 'ann');
    const second = await exchange(strict.ClientId, first.RefreshToken);
    expect(await refusal(exchange(strict.ClientId, first.RefreshToken))).toMatch(REUSED);
    expect(await refusal(exchange(strict.ClientId, second.RefreshToken))).toBe(
      'NotAuthorizedException: Refresh Token has been revoked',
    );
    expect(await refusal(getUser(second.AccessToken))).toBe(
      'NotAuthorizedException: Access Token has been revoked',
    );
  });

  it('ends it also when it was exchanged many times ago', async () => {
    const first = await signIn(house, lenient.ClientId, 'ann');
    let last = first;
    for (let turn = 0; turn < 3; turn += 1) last = await exchange(lenient.ClientId, last.RefreshToken);
    expect(await refusal(exchange(lenient.ClientId, first.RefreshToken))).toMatch(REUSED);
    expect(await refusal(exchange(lenient.ClientId, last.RefreshToken))).toMatch('revoked');
  });

  it('leaves other sessions of the user alone', async () => {
    const [mine, other] = [
      await signIn(house, strict.ClientId, 'ann'),
      await signIn(house, strict.ClientId, 'ann'),
    ];
    await exchange(strict.ClientId, mine.RefreshToken);
    await refusal(exchange(strict.ClientId, mine.RefreshToken));
    expect((await exchange(strict.ClientId, other.RefreshToken)).AccessToken).toBeDefined();
  });

  it('ends nothing when it is only guessed at', async () => {
    const first = await signIn(house, strict.ClientId, 'ann');
    const second = await exchange(strict.ClientId, first.RefreshToken);
    const guess = `${first.RefreshToken.slice(0, -20)}${'A'.repeat(20)}`;
    expect(await refusal(exchange(strict.ClientId, guess))).toBe(
      'NotAuthorizedException: Invalid Refresh Token',
    );
    expect((await exchange(strict.ClientId, second.RefreshToken)).AccessToken).toBeDefined();
  });

  it('gets its session revoked by RevokeToken as well as the newest does', async () => {
    const first = await signIn(house, strict.ClientId, 'ann');
    const second = await exchange(strict.ClientId, first.RefreshToken);
    const command = { ClientId: strict.ClientId, Token: first.RefreshToken };
    await house.sdk.send(new RevokeTokenCommand(command));
    expect(await refusal(exchange(strict.ClientId, second.RefreshToken))).toMatch('revoked');
  });
});

describe('the grace period', () => {
  it('lets a retry have what it missed: the same new refresh token', async () => {
    const first = await signIn(house, lenient.ClientId, 'ann');
    const second = await exchange(lenient.ClientId, first.RefreshToken);
    const retried = await exchange(lenient.ClientId, first.RefreshToken);
    expect(retried.RefreshToken).toBe(second.RefreshToken);
    expect((await getUser(retried.AccessToken)).Username).toBe('ann');
    expect((await exchange(lenient.ClientId, second.RefreshToken)).RefreshToken).toBeDefined();
  });

  it('lets exchanges at the same time all succeed, and leaves one session that works', async () => {
    const first = await signIn(house, lenient.ClientId, 'ann');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => exchange(lenient.ClientId, first.RefreshToken)),
    );
    expect(new Set(answers.map((answer) => answer.RefreshToken)).size).toBe(1);
    const next = await exchange(lenient.ClientId, answers[0]?.RefreshToken ?? '');
    expect((await getUser(next.AccessToken)).Username).toBe('ann');
  });

  it('ends by the clock, and is not made longer by a retry', async () => {
    const first = await signIn(house, lenient.ClientId, 'ann');
    await exchange(lenient.ClientId, first.RefreshToken);
    await house.advance('PT20S');
    await exchange(lenient.ClientId, first.RefreshToken);
    await house.advance('PT11S');
    expect(await refusal(exchange(lenient.ClientId, first.RefreshToken))).toMatch(REUSED);
  });

  it('of 0 leaves one winner among exchanges at the same time', async () => {
    const first = await signIn(house, strict.ClientId, 'ann');
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, () => exchange(strict.ClientId, first.RefreshToken)),
    );
    const winners = answers.filter(({ status }) => status === 'fulfilled');
    expect(winners).toHaveLength(1);
    const losers = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.name] : []));
    expect([...new Set(losers)].sort()).toEqual(expect.arrayContaining(['RefreshTokenReuseException']));
  });
});

describe('GetTokensFromRefreshToken', () => {
  it('works without rotation too, and then gives no new refresh token', async () => {
    const plain = await house.createClient(pool);
    const { RefreshToken } = await signIn(house, plain.ClientId, 'ann');
    const answer = await exchange(plain.ClientId, RefreshToken);
    expect(Object.keys(answer).sort()).toEqual(['AccessToken', 'ExpiresIn', 'IdToken', 'TokenType'].sort());
    expect((await exchange(plain.ClientId, RefreshToken)).AccessToken).toBeDefined();
  });

  it('is refused where the client allows neither rotation nor refresh', async () => {
    const none = await house.createClient(pool, { ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] });
    const { RefreshToken } = await signIn(house, none.ClientId, 'ann');
    expect(await refusal(exchange(none.ClientId, RefreshToken))).toMatch('flow not enabled for this client');
  });

  it('asks a client with a secret for it', async () => {
    const keeper = await rotating(0, { GenerateSecret: true });
    for (const secret of [undefined, 'wrongwrongwrongwrongwrong'])
      expect(await refusal(exchange(keeper.ClientId, 'garbage', secret))).toBe(
        `NotAuthorizedException: Unable to verify secret for client ${keeper.ClientId}`,
      );
    expect(await refusal(exchange(keeper.ClientId, 'garbage', keeper.ClientSecret))).toBe(
      'NotAuthorizedException: Invalid Refresh Token',
    );
  });

  it('refuses the token of another client, and of another pool', async () => {
    const elsewhere = await house.createClient(await house.createPool());
    const { RefreshToken } = await signIn(house, strict.ClientId, 'ann');
    for (const { ClientId } of [lenient, elsewhere])
      expect(await refusal(exchange(ClientId, RefreshToken))).toBe(
        'NotAuthorizedException: Invalid Refresh Token',
      );
    expect((await exchange(strict.ClientId, RefreshToken)).AccessToken).toBeDefined();
  });
});
