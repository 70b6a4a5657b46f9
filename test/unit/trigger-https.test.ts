import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { functionAddresses } from '../../packages/server/src/config/function-networks.ts';
import { LARGEST_ANSWER } from '../../packages/server/src/domain/triggers/functions.ts';
import { createHttpsInvoker } from '../../packages/server/src/domain/triggers/invokers/https.ts';
import { adjustableClock } from '../../packages/server/src/platform/clock.ts';
import { freePort } from '../support/free-port.ts';
import { WEBHOOK_SECRET } from '../support/functions/webhook-secret.ts';
import { bodyOf, invoked, listenForTest } from '../support/invoked.ts';

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:my-function';
const EVENT = JSON.stringify({ triggerSource: 'PreSignUp_SignUp', userName: 'Zoë' });

const listening = async (server: Server, scheme = 'http') =>
  `${scheme}://127.0.0.1:${await listenForTest(server)}/hook?a=b`;
const serve = (listener: RequestListener) => listening(createServer(listener));

interface Choices {
  secrets?: string[];
  patience?: number;
  networks?: string[];
}

async function call(url: string, { secrets = [WEBHOOK_SECRET], patience = 10_000, networks }: Choices = {}) {
  const mayBeAt = networks && functionAddresses(networks);
  const https = createHttpsInvoker({ secrets, clock: adjustableClock(), mayBeAt });
  return invoked(https, https.invoke({ kind: 'https', url }, ARN, EVENT, patience));
}

describe('a request', () => {
  test('brings the event, signed, to the path and query of the URL, and says for which function it is', async () => {
    const seen: Record<string, unknown>[] = [];
    const url = await serve(async (request, answer) => {
      const body = await bodyOf(request);
      const event = new Webhook(WEBHOOK_SECRET).verify(body, request.headers as Record<string, string>);
      seen.push({ event, method: request.method, url: request.url, headers: request.headers });
      answer.end('{"response":1}');
    });
    expect(await call(url)).toBe('{"response":1}');
    expect(seen).toEqual([
      expect.objectContaining({
        event: JSON.parse(EVENT),
        method: 'POST',
        url: '/hook?a=b',
        headers: expect.objectContaining({
          'content-type': 'application/json',
          'poolkeeper-function-arn': ARN,
        }),
      }),
    ]);
  });

  test('is signed with both secrets while they are exchanged, and with another message id each time', async () => {
    const other = `whsec_${Buffer.from('the secret that comes after that one').toString('base64')}`;
    const ids = new Set<unknown>();
    const url = await serve(async (request, answer) => {
      const body = await bodyOf(request);
      for (const secret of [WEBHOOK_SECRET, other]) {
        new Webhook(secret).verify(body, request.headers as Record<string, string>);
      }
      ids.add(request.headers['webhook-id']);
      answer.end('"verified"');
    });
    expect(await call(url, { secrets: [other, WEBHOOK_SECRET] })).toBe('"verified"');
    expect(await call(url, { secrets: [other, WEBHOOK_SECRET] })).toBe('"verified"');
    expect(ids.size).toBe(2);
  });
});

describe('a function that fails', () => {
  const answering = (status: number, body: string, headers = {}) =>
    serve((_request, answer) => answer.writeHead(status, headers).end(body));

  test.each([
    [500, '{"errorMessage":"No.","errorType":"Mine"}', { threw: 'No.', type: 'Mine' }],
    [400, '{"errorMessage":"No."}', { threw: 'No.', type: 'Error' }],
    [400, '{"errorMessage":"No.","errorType":{"a":1}}', { threw: 'No.', type: 'Error' }],
    [400, '{"errorMessage":5}', { notInvoked: 'HTTP status 400', passing: false }],
    [500, 'null', { notInvoked: 'HTTP status 500', passing: false }],
    [500, '<html>', { notInvoked: 'HTTP status 500', passing: false }],
    [503, '', { notInvoked: 'HTTP status 503', passing: false }],
    [404, '[]', { notInvoked: 'HTTP status 404', passing: false }],
    [429, '{"errorMessage":"Slow down."}', { notInvoked: 'TooManyRequestsException', passing: true }],
  ])('%i with %s', async (status, body, told) => {
    expect(await call(await answering(status, body))).toEqual(told);
  });

  test('its error message is cut off', async () => {
    const told = await call(await answering(500, JSON.stringify({ errorMessage: 'x'.repeat(100_000) })));
    expect(told).toEqual({ threw: 'x'.repeat(2048), type: 'Error' });
  });

  test.each([301, 302, 303, 307, 308])(
    'a redirect is not followed, and is no answer (%i)',
    async (status) => {
      let followed = false;
      const elsewhere = await serve((_request, answer) => {
        followed = true;
        answer.end('{}');
      });
      const url = await answering(status, '{"errorMessage":"Elsewhere."}', { location: elsewhere });
      expect(await call(url)).toEqual({ notInvoked: `HTTP status ${status}`, passing: false });
      expect(followed).toBe(false);
    },
  );
});

describe('an answer', () => {
  const tooLarge = {
    threw: `Response payload size exceeded maximum allowed payload size (${LARGEST_ANSWER} bytes).`,
    type: 'Function.ResponseSizeTooLarge',
  };
  test('of the largest size is taken', async () => {
    const url = await serve((_request, answer) => answer.end('x'.repeat(LARGEST_ANSWER)));
    expect((await call(url)) as string).toHaveLength(LARGEST_ANSWER);
  });

  test('that never ends is cut off while it comes', async () => {
    let sent = 0;
    const url = await serve((_request, answer) => {
      const piece = Buffer.alloc(65_536, 120);
      const more = () => {
        while (!answer.destroyed) {
          sent += piece.length;
          if (!answer.write(piece)) return void answer.once('drain', more);
        }
      };
      more();
    });
    expect(await call(url)).toEqual(tooLarge);
    // What the sockets hold may be under way.
    expect(sent).toBeLessThan(3 * LARGEST_ANSWER);
  });

  test.each([
    ['does not begin', () => {}],
    [
      'drips',
      (answer: import('node:http').ServerResponse) => void setInterval(() => answer.write(' '), 20).unref(),
    ],
    [
      'stops in its headers',
      (answer: import('node:http').ServerResponse) => void answer.socket?.write('HTTP/1.1 200'),
    ],
  ])('that %s is waited for no longer than five seconds are', async (_how, behave) => {
    const url = await serve((_request, answer) => behave(answer));
    const began = performance.now();
    expect(await call(url, { patience: 300 })).toEqual({
      notInvoked: 'Socket timeout while invoking Lambda function',
      passing: true,
    });
    expect(performance.now() - began).toBeLessThan(3000);
  });

  test('that is cut off is no answer', async () => {
    const url = await serve((_request, answer) => {
      answer.writeHead(200, { 'content-length': 100 }).write('{');
      setTimeout(() => answer.destroy(), 20);
    });
    expect(await call(url)).toEqual({ notInvoked: 'ECONNRESET', passing: true });
  });

  test('that changes the protocol is no answer', async () => {
    const url = await serve(
      (_request, answer) =>
        void answer.socket?.write('HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    );
    expect(await call(url)).toEqual({ notInvoked: 'HTTP status 101', passing: false });
  });

  test('that is no HTTP is no answer', async () => {
    const url = await serve((_request, answer) => void answer.socket?.end('SSH-2.0-x\r\n\r\n'));
    expect(await call(url)).toEqual({ notInvoked: expect.stringMatching(/^HPE_/), passing: false });
  });
});

test('nobody at home is told by the code of the system, and without an address', async () => {
  const url = `http://127.0.0.1:${await freePort()}/hook`;
  expect(await call(url)).toEqual({ notInvoked: 'ECONNREFUSED', passing: true });
  expect(await call('https://no-such-host.invalid/')).toEqual({
    notInvoked: expect.stringMatching(/^(?:ENOTFOUND|EAI_AGAIN)$/),
    passing: expect.any(Boolean),
  });
});

describe('TLS', () => {
  const certificate = () =>
    generate([{ name: 'commonName', value: 'localhost' }], {
      keySize: 2048,
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    } as never);

  test('is verified: a certificate that nobody vouches for, and one for another host, end the call', async () => {
    const { private: key, cert } = await certificate();
    const url = await listening(
      createTlsServer({ key, cert }, (_request, answer) => answer.end('{}')) as unknown as Server,
      'https',
    );
    expect(await call(url)).toEqual({ notInvoked: 'DEPTH_ZERO_SELF_SIGNED_CERT', passing: false });
    setDefaultCACertificates([...getCACertificates('default'), cert]);
    expect(await call(url)).toEqual({ notInvoked: 'ERR_TLS_CERT_ALTNAME_INVALID', passing: false });
    expect(await call(url.replace('127.0.0.1', 'localhost'))).toBe('{}');
  });
});

describe('in production a function is not on a private network', () => {
  test('unless the network is named: by address, and by a name that leads there', async () => {
    let calls = 0;
    const url = await serve((_request, answer) => {
      calls += 1;
      answer.end('{}');
    });
    const byName = url.replace('127.0.0.1', 'localhost');
    const refused = { notInvoked: 'AddressNotAllowed', passing: false };
    expect(await call(url, { networks: [] })).toEqual(refused);
    expect(await call(byName, { networks: [] })).toEqual(refused);
    expect(await call(url, { networks: ['10.0.0.0/8'] })).toEqual(refused);
    expect(calls).toBe(0);
    expect(await call(url, { networks: ['127.0.0.0/8'] })).toBe('{}');
    expect(await call(byName, { networks: ['127.0.0.0/8'] })).toBe('{}');
    expect(calls).toBe(2);
  });

  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.0.9',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
    '::ffff:8.8.8.8',
    '::10.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::1',
    '2002:a00:1::',
    '2001::1',
    'not an address',
    '',
  ])('%s is not public', (address) => {
    expect(functionAddresses([])(address)).toBe(false);
  });

  test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1', '64:ff9b::808:808'])(
    '%s is public',
    (address) => {
      expect(functionAddresses([])(address)).toBe(true);
    },
  );

  test.each([
    ['10.0.0.0/8', '10.9.9.9', true],
    ['10.0.0.0/8', '::ffff:10.9.9.9', true],
    ['10.0.0.0/8', '11.0.0.1', true],
    ['10.0.0.0/8', '192.168.0.1', false],
    ['fd00::/8', 'fd12::1', true],
    ['fd00::/8', 'fe80::1', false],
  ])('with %s named, %s may be one: %s', (network, address, allowed) => {
    expect(functionAddresses([network])(address)).toBe(allowed);
  });
});
