import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import * as client from '../../packages/client/src/index.ts';

describe('against any endpoint', () => {
  const endpoint = 'https://pool.example';
  const input = { ClientId: 'c', Username: 'alice' };
  const answering = (body: string | null, init: ResponseInit) => async () => new Response(body, init);

  test.each([
    [
      'AWS: a namespace in the body',
      '{"__type":"com.amazonaws.cognito#LimitExceededException","Message":"Later."}',
      {},
      'LimitExceededException',
      'Later.',
    ],
    [
      'a URL behind the name',
      '{"message":"No."}',
      { 'x-amzn-errortype': 'NotAuthorizedException:http://x/y#z' },
      'NotAuthorizedException',
      'No.',
    ],
    [
      'a page of a proxy',
      '<h1>Bad gateway</h1>',
      {},
      'UnknownError',
      'The endpoint answered 502 without saying why.',
    ],
    ['nothing', null, {}, 'UnknownError', 'The endpoint answered 502 without saying why.'],
  ])('an error from %s', async (_where, body, headers, name, message) => {
    const fetch = answering(body, { status: 502, headers });
    await expect(client.forgotPassword({ endpoint, fetch }, input)).rejects.toMatchObject({
      name,
      message,
      httpStatus: 502,
      requestId: undefined,
    });
  });

  test('a success that is no JSON is an error', async () => {
    const fetch = answering('<h1>Log in to the hotel network</h1>', { status: 200 });
    await expect(client.forgotPassword({ endpoint, fetch }, input)).rejects.toMatchObject({
      name: 'UnknownError',
      httpStatus: 200,
    });
  });

  test('an empty success is an empty output', async () => {
    const fetch = answering('', { status: 200 });
    expect(await client.revokeToken({ endpoint, fetch }, { ClientId: 'c', Token: 't' })).toEqual({
      httpStatus: 200,
    });
  });

  const silent: typeof globalThis.fetch = (_url, init) =>
    new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)));

  test('a silent endpoint is given up on in time', async () => {
    const call = client.forgotPassword({ endpoint, fetch: silent, timeout: 10 }, input);
    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('a signal ends the wait', async () => {
    const stop = new AbortController();
    const call = client.forgotPassword({ endpoint, fetch: silent }, input, { signal: stop.signal });
    stop.abort(new Error('The page was left.'));
    await expect(call).rejects.toThrow('The page was left.');
  });
});

describe('a request that is throttled', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const throttled = (headers: Record<string, string> = {}) =>
    new Response('{"__type":"TooManyRequestsException","message":"Rate exceeded"}', { status: 400, headers });
  /** Answers one after the other, the last for ever; and counts. */
  const answers = (...given: (() => Response)[]) =>
    vi.fn<typeof globalThis.fetch>(async () =>
      ((given.length > 1 ? given.shift() : given[0]) as () => Response)(),
    );
  const input = client.newForgotPassword('c', 'alice');
  const endpoint = 'https://pool.example';
  const settled = async <T>(call: Promise<T>) => {
    const [result] = await Promise.all([call.catch((error: unknown) => error), vi.runAllTimersAsync()]);
    return result;
  };

  test('is sent again until it is carried out', async () => {
    const fetch = answers(throttled, throttled, () => new Response('{}'));
    expect(await settled(client.forgotPassword({ endpoint, fetch }, input))).toEqual({ httpStatus: 200 });
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  test.each([
    [undefined, 3],
    [1, 1],
    [5, 5],
  ])('is given up on after attempts: %s', async (attempts, calls) => {
    const fetch = answers(throttled);
    const error = await settled(client.forgotPassword({ endpoint, fetch, attempts }, input));
    expect(client.isServiceError(error, 'TooManyRequestsException')).toBe(true);
    expect(fetch).toHaveBeenCalledTimes(calls);
  });

  test('waits as long as it is told to, within bounds', async () => {
    const wait = async (seconds: string) => {
      const fetch = answers(
        () => throttled({ 'retry-after': seconds }),
        () => new Response('{}'),
      );
      const started = Date.now();
      await settled(client.forgotPassword({ endpoint, fetch }, input));
      return [Date.now() - started, fetch.mock.calls.length];
    };
    expect(await wait('7')).toEqual([7000, 2]);
    expect(await wait('3600')).toEqual([0, 1]);
  });

  test('is not sent again once it is aborted', async () => {
    const fetch = answers(throttled);
    const stop = new AbortController();
    const call = client.forgotPassword({ endpoint, fetch }, input, { signal: stop.signal });
    const error = call.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1);
    stop.abort(new Error('The page was left.'));
    expect(await error).toEqual(new Error('The page was left.'));
    await vi.runAllTimersAsync();
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test.each([
    ['a limit of the user', '{"__type":"LimitExceededException"}', 400],
    ['a fault', '{"__type":"InternalErrorException"}', 500],
    ['a refusal', '{"__type":"NotAuthorizedException"}', 400],
    ['the page of a proxy', '<h1>Bad gateway</h1>', 502],
  ])('and no other: %s may have been carried out, or will be no better', async (_, body, status) => {
    const fetch = answers(() => new Response(body, { status }));
    expect(await settled(client.forgotPassword({ endpoint, fetch }, input))).toBeInstanceOf(
      client.ServiceError,
    );
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test('and no network is no throttling', async () => {
    const cause = new TypeError('fetch failed');
    const fetch = vi.fn<typeof globalThis.fetch>().mockRejectedValue(cause);
    const error = await settled(client.forgotPassword({ endpoint, fetch }, input));
    expect(error).toBeInstanceOf(client.NetworkError);
    expect(error).toMatchObject({ name: 'NetworkError', cause });
    expect(client.isServiceError(error)).toBe(false);
    expect(fetch).toHaveBeenCalledTimes(1);
  });
});

test('a redirect is not followed: it would carry the password away', async () => {
  const bodies: string[] = [];
  const listening = async (answer: (body: string) => [number, Record<string, string>]) => {
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.writeHead(...answer(body)).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  };
  const thief = await listening((body) => [200, { stolen: String(bodies.push(body)) }]);
  const front = await listening(() => [307, { location: thief.url }]);
  try {
    const request = client.newConfirmForgotPassword('c', 'alice', '123456', 'Secr3t!of-alice');
    const call = client.confirmForgotPassword({ endpoint: front.url }, request);
    await expect(call).rejects.toMatchObject({ name: 'UnknownError', httpStatus: 307 });
    expect(bodies).toEqual([]);
  } finally {
    for (const { server } of [thief, front]) server.close();
  }
});

test('an operation that is signed says what it lacks', async () => {
  const request = client.newAdminGetUser('us-east-1_x', 'alice');
  await expect(client.adminGetUser({ endpoint: 'https://pool.example' }, request)).rejects.toThrow('`sign`');
});

test('an error is narrowed by its name', () => {
  const error: unknown = new client.ServiceError('CodeMismatchException', 'No.', {
    httpStatus: 400,
    requestId: undefined,
    reasonCode: undefined,
  });
  if (!client.isServiceError(error, 'CodeMismatchException')) throw new Error('It is one.');
  expectTypeOf(error.name).toEqualTypeOf<'CodeMismatchException'>();
  expect(client.isServiceError(error, 'ExpiredCodeException')).toBe(false);
  expect(client.isServiceError(new Error('CodeMismatchException'))).toBe(false);
});

test('a step is narrowed by its name, and its answer with it', () => {
  const app = { endpoint: 'https://pool.example', clientId: 'c' };
  const answer = (step: client.SignInStep) => {
    switch (step.name) {
      case 'SIGNED_IN':
        expectTypeOf(step.tokens).toEqualTypeOf<client.Tokens>();
        // @ts-expect-error: there is nothing left to answer
        return client.answerChallenge(app, step, { code: '123456' });
      case 'NEW_PASSWORD_REQUIRED':
        expectTypeOf(step.requiredAttributes).toEqualTypeOf<readonly string[]>();
        // @ts-expect-error: a new password is asked for, and no code
        void client.answerChallenge(app, step, { code: '123456' });
        return client.answerChallenge(app, step, { newPassword: 'Passw0rd!' });
      case 'SMS_MFA':
      case 'EMAIL_OTP':
        expectTypeOf(step.destination).toEqualTypeOf<string | undefined>();
        return client.answerChallenge(app, step, { code: '123456' });
      default:
        return client.answerChallenge(app, step, { responses: {} });
    }
  };
  expect(answer).toBeTypeOf('function');
});
