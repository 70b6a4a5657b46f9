import { inspect } from 'node:util';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sigV4 } from '../../packages/client/src/index.ts';
import { createSignatureVerifier } from '../../packages/server/src/wire/sigv4.ts';
import { readClaim } from '../../packages/server/src/wire/sigv4-claim.ts';

const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const DATE = new Date('2015-08-30T12:36:00Z');
const scope = { region: 'us-east-1', service: 'service' };
const sign = sigV4({ ...scope, credentials: key, now: () => DATE });

/**
 * Names, requests and signatures of AWS's own test suite: awslabs/aws-c-auth, tests/aws-signing-test-suite/v4. Left out: requests
 * with a header twice, and paths in the forms that a URL cannot have (spaces, unencoded letters, dots), which no client
 * of this signer can send.
 */
describe('a request of the test suite that AWS publishes', () => {
  const plain = 'host;x-amz-date';
  const letters = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const vectors: [
    name: string,
    request: string,
    headers: Record<string, string>,
    signed: string,
    signature: string,
  ][] = [
    ['get-vanilla', 'GET /', {}, plain, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'get-vanilla-query',
      'GET /',
      {},
      plain,
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    ],
    [
      'get-vanilla-query-order-encoded',
      'GET /?Param-3=Value3&Param=Value2&%E1%88%B4=Value1',
      {},
      plain,
      '371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac',
    ],
    [
      'get-vanilla-query-unreserved',
      `GET /?${letters}=${letters}`,
      {},
      plain,
      '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
    ],
    [
      'get-header-value-trim',
      'GET /',
      { 'My-Header1': ' value1', 'My-Header2': ' "a   b   c"' },
      'host;my-header1;my-header2;x-amz-date',
      'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    ],
    ['post-vanilla', 'POST /', {}, plain, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'post-vanilla-query',
      'POST /?Param1=value1',
      {},
      plain,
      '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
    ],
    [
      'post-header-key-sort',
      'POST /',
      { 'My-Header1': 'value1' },
      'host;my-header1;x-amz-date',
      'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
    ],
    [
      'post-x-www-form-urlencoded-parameters',
      'POST / Param1=value1',
      {
        'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8',
        'Content-Length': '13',
        'x-amz-content-sha256': '9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e',
      },
      'content-length;content-type;host;x-amz-content-sha256;x-amz-date',
      '328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422',
    ],
  ];
  it.each(vectors)('%s', async (_, line, headers, signed, signature) => {
    const [method = '', path = '', body = ''] = line.split(' ');
    const url = new URL(path, 'https://example.amazonaws.com');
    const { authorization } = await sign({ method, url, headers, body });
    expect(authorization).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signed}, Signature=${signature}`,
    );
  });
});

describe('random requests', () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((value) => value.isWellFormed());
  const requests = fc.record({
    body: text,
    path: fc.array(
      fc.stringMatching(/^[\w.~-]{1,8}$/).filter((part) => !/^\.+$/.test(part)),
      { maxLength: 3 },
    ),
    query: fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]\w{0,6}$/), text), {
      selector: ([name]) => name,
      maxLength: 4,
    }),
    header: fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,20}[\x21-\x7e])?$/),
    sessionToken: fc.option(fc.stringMatching(/^[\w+/=]{1,40}$/), { nil: undefined }),
    now: fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
  });

  it('are signed as the signer of the AWS SDK signs them', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async ({ body, path, query, header, sessionToken, now }) => {
        const url = new URL(`https://pool.example:8443/${path.join('/')}`);
        for (const [name, value] of query) url.searchParams.append(name, value);
        const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': header };
        const credentials = { ...key, ...(sessionToken && { sessionToken }) };
        const ours = await sigV4({ ...scope, credentials, now: () => now })({
          method: 'POST',
          url,
          headers,
          body,
        });

        const judge = new SignatureV4({ ...scope, credentials, sha256: Sha256, applyChecksum: false });
        const theirs = await judge.sign(
          {
            method: 'POST',
            protocol: 'https:',
            hostname: url.hostname,
            port: 8443,
            path: url.pathname,
            query: Object.fromEntries(query),
            headers: { ...headers, host: url.host },
            body,
          },
          { signingDate: now },
        );
        expect(ours['authorization']).toBe(theirs.headers['authorization']);
        expect(ours['x-amz-security-token']).toBe(sessionToken);
      }),
    );
  });

  it('are taken by the server, and not with another secret', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async ({ body, header }) => {
        const url = new URL('https://pool.example/');
        const headers = await sign({ method: 'POST', url, headers: { 'x-amz-target': header }, body });
        const rawHeaders = Object.entries({ ...headers, host: url.host }).flat();
        const request = { method: 'POST', url: '/', body, rawHeaders };
        const claim = readClaim(request, scope, DATE.getTime());
        const { accessKeyId: id, secretAccessKey: secret } = key;
        const takes = (secret: string) =>
          createSignatureVerifier(scope).matches(request, claim, { id, secret });
        expect(takes(secret)).toBe(true);
        expect(takes(`${secret}x`)).toBe(false);
      }),
    );
  });
});

describe('a signer', () => {
  const request = { method: 'POST', url: new URL('https://pool.example/'), headers: {}, body: '{}' };

  it('signs each day, and with each key that it is given, anew', async () => {
    let now = DATE;
    let credentials = key;
    const turning = sigV4({ ...scope, credentials: async () => credentials, now: () => now });
    const first = await turning(request);
    expect(await turning(request)).toEqual(first);
    now = new Date('2015-08-31T12:36:00Z');
    expect(await turning(request)).toEqual(
      await sigV4({ ...scope, credentials: key, now: () => now })(request),
    );
    credentials = { accessKeyId: 'AKIDOTHER', secretAccessKey: 'other' };
    expect(await turning(request)).toEqual(await sigV4({ ...scope, credentials, now: () => now })(request));
  });

  it('does not show its secret', async () => {
    const client = { endpoint: 'https://pool.example', sign: sigV4({ ...scope, credentials: key }) };
    await client.sign(request);
    for (const shown of [inspect(client, { depth: null, showHidden: true }), JSON.stringify(client)]) {
      expect(shown).not.toContain(key.secretAccessKey);
    }
  });
});
