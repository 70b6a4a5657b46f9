import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { LARGEST_ANSWER } from '../../packages/server/src/domain/triggers/functions.ts';
import { createLambdaInvoker } from '../../packages/server/src/domain/triggers/invokers/lambda.ts';
import { freePort } from '../support/free-port.ts';
import { bodyOf, invoked, listenForTest } from '../support/invoked.ts';

const ARN = 'arn:aws:lambda:eu-central-1:123456789012:function:my-function:live';
const EVENT = JSON.stringify({ triggerSource: 'PreSignUp_SignUp', userName: 'Zoë' });

/** The URL of an Invoke API, and the requests that came. */
async function serve(listener: (answer: ServerResponse) => void, status = 200) {
  const requests: { url: string | undefined; body: string; headers: Record<string, unknown> }[] = [];
  const listen: RequestListener = async (request, answer) => {
    requests.push({ url: request.url, body: await bodyOf(request), headers: request.headers });
    answer.statusCode = status;
    listener(answer);
  };
  return { endpoint: `http://127.0.0.1:${await listenForTest(createServer(listen))}`, requests };
}

async function call(
  endpoint: string | undefined,
  { name, patience = 10_000 }: { name?: string; patience?: number } = {},
) {
  const lambda = createLambdaInvoker({ region: 'us-east-1' });
  return invoked(lambda, lambda.invoke({ kind: 'lambda', endpoint, name }, ARN, EVENT, patience));
}

test('the function is invoked by its ARN, and signed for in the region of its ARN', async () => {
  const { endpoint, requests } = await serve((answer) => answer.end('{"response":"ü"}'));
  expect(await call(endpoint)).toBe('{"response":"ü"}');
  expect(requests).toEqual([
    {
      url: `/2015-03-31/functions/${encodeURIComponent(ARN)}/invocations`,
      body: EVENT,
      headers: expect.objectContaining({
        'x-amz-invocation-type': 'RequestResponse',
        authorization: expect.stringMatching(
          /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/eu-central-1\/lambda\//,
        ),
      }),
    },
  ]);
});

test('an emulator that has names of its own is asked by them', async () => {
  const { endpoint, requests } = await serve((answer) => answer.end('{}'));
  await call(endpoint, { name: 'function' });
  expect(requests.map(({ url }) => url)).toEqual(['/2015-03-31/functions/function/invocations']);
});

describe('a function that fails', () => {
  test.each([
    ['{"errorMessage":"No.","errorType":"Mine","trace":[]}', { threw: 'No.', type: 'Mine' }],
    // Python's KeyError, as a client saw it behind Amazon Cognito.
    [`{"errorMessage":"'email'","errorType":"KeyError"}`, { threw: "'email'", type: 'KeyError' }],
    [
      '{"errorMessage":"Task timed out after 3.00 seconds"}',
      { threw: 'Task timed out after 3.00 seconds', type: 'Error' },
    ],
    ['{"errorMessage":{"a":1},"errorType":["x"]}', { threw: '', type: 'Error' }],
    ['null', { threw: '', type: 'Error' }],
    ['<html>', { threw: '', type: 'Error' }],
    ['', { threw: '', type: 'Error' }],
  ])('says so by a header: %s', async (body, told) => {
    const { endpoint, requests } = await serve((answer) =>
      answer.setHeader('x-amz-function-error', 'Unhandled').end(body),
    );
    expect(await call(endpoint)).toEqual(told);
    expect(requests).toHaveLength(1);
  });

  test('says so by its answer alone in the runtime emulator', async () => {
    const { endpoint } = await serve((answer) =>
      answer.end('{"errorMessage":"No.","errorType":"Mine","trace":[]}'),
    );
    expect(await call(endpoint)).toEqual({ threw: 'No.', type: 'Mine' });
  });

  test('an event that happens to hold such words is an answer all the same', async () => {
    const body = '{"errorMessage":"No.","errorType":"Mine","response":{}}';
    const { endpoint } = await serve((answer) => answer.end(body));
    expect(await call(endpoint)).toBe(body);
  });
});

describe('a function that could not be invoked', () => {
  test.each([
    [404, 'ResourceNotFoundException', false],
    [403, 'AccessDeniedException', false],
    [409, 'ResourceConflictException', false],
    [429, 'TooManyRequestsException', true],
    [413, 'RequestTooLargeException', false],
    // "Amazon Cognito doesn't retry function calls that return an Invoke error with an HTTP status code of 500-599."
    [500, 'ServiceException', false],
    [502, 'EC2UnexpectedException', false],
  ])('%i %s, asked once', async (status, kind, passing) => {
    const { endpoint, requests } = await serve(
      (answer) => answer.setHeader('x-amzn-errortype', kind).end('{"Message":"arn:secret"}'),
      status,
    );
    expect(await call(endpoint)).toEqual({ notInvoked: kind, passing });
    expect(requests).toHaveLength(1);
  });

  test('an error that has no name of AWS', async () => {
    const { endpoint } = await serve((answer) => answer.end('<html>no</html>'), 503);
    expect(await call(endpoint)).toEqual({ notInvoked: expect.stringMatching(/^\w+$/), passing: false });
  });

  test('nobody at home', async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    expect(await call(endpoint)).toEqual({ notInvoked: 'ECONNREFUSED', passing: true });
  });

  test('a connection that breaks', async () => {
    const { endpoint } = await serve((answer) => answer.destroy());
    expect(await call(endpoint)).toEqual({ notInvoked: 'ECONNRESET', passing: true });
  });

  test.each([
    ['does not begin', () => {}],
    ['drips', (answer: ServerResponse) => void setInterval(() => answer.write(' '), 20).unref()],
  ])('an answer that %s', async (_how, behave) => {
    const { endpoint, requests } = await serve(behave);
    expect(await call(endpoint, { patience: 300 })).toEqual({
      notInvoked: 'Socket timeout while invoking Lambda function',
      passing: true,
    });
    expect(requests).toHaveLength(1);
  });
});

test('credentials that do not come are waited for no longer', async () => {
  const { endpoint: hanging, requests } = await serve(() => {});
  const { endpoint } = await serve((answer) => answer.end('{}'));
  process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = `${hanging}/credentials`;
  try {
    expect(await call(endpoint, { patience: 400 })).toEqual({
      notInvoked: 'Socket timeout while invoking Lambda function',
      passing: true,
    });
    expect(requests).toHaveLength(1);
  } finally {
    delete process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  }
});

describe('an answer', () => {
  const tooLarge = {
    threw: `Response payload size exceeded maximum allowed payload size (${LARGEST_ANSWER} bytes).`,
    type: 'Function.ResponseSizeTooLarge',
  };
  test('that is empty is empty', async () => {
    const { endpoint } = await serve((answer) => answer.end());
    expect(await call(endpoint)).toBe('');
  });

  test('of the largest size is taken, and one that is larger is not', async () => {
    const largest = await serve((answer) => answer.end('x'.repeat(LARGEST_ANSWER)));
    expect((await call(largest.endpoint)) as string).toHaveLength(LARGEST_ANSWER);
    const larger = await serve((answer) => answer.end('x'.repeat(LARGEST_ANSWER + 1)));
    expect(await call(larger.endpoint)).toEqual(tooLarge);
  });

  test('that never ends is cut off while it comes', async () => {
    let sent = 0;
    const { endpoint } = await serve((answer) => {
      const piece = Buffer.alloc(65_536, 120);
      const more = () => {
        while (!answer.destroyed) {
          sent += piece.length;
          if (!answer.write(piece)) return void answer.once('drain', more);
        }
      };
      more();
    });
    expect(await call(endpoint)).toEqual(tooLarge);
    expect(sent).toBeLessThan(3 * LARGEST_ANSWER);
  });
});
