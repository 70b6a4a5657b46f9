import { createHash, createHmac } from 'node:crypto';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../packages/server/src/errors.ts';
import { createSignatureVerifier } from '../../packages/server/src/wire/sigv4.ts';
import { readClaim, type SignedRequest } from '../../packages/server/src/wire/sigv4-claim.ts';

const key = { id: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const NOW = Date.UTC(2015, 7, 30, 12, 36);

function accepts(request: SignedRequest, secret = key.secret, service = 'service', now = NOW): boolean {
  const scope = { region: 'us-east-1', service };
  return createSignatureVerifier(scope).matches(request, readClaim(request, scope, now), { ...key, secret });
}

const authorization = (signedHeaders: string, signature: string) =>
  `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`;

/** Names, signed headers and signatures of AWS's own test suite: awslabs/aws-c-auth, tests/aws-signing-test-suite/v4. */
describe('a request of the test suite that AWS publishes', () => {
  const plain = 'host;x-amz-date';
  const vectors: [
    name: string,
    request: string,
    headers: [string, string][],
    signed: string,
    signature: string,
  ][] = [
    [
      'get-header-key-duplicate',
      'GET /',
      [
        ['My-Header1', 'value2'],
        ['My-Header1', 'value2'],
        ['My-Header1', 'value1'],
      ],
      'host;my-header1;x-amz-date',
      'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
    ],
    [
      'get-header-value-trim',
      'GET /',
      [
        ['My-Header1', ' value1'],
        ['My-Header2', ' "a   b   c"'],
      ],
      'host;my-header1;my-header2;x-amz-date',
      'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    ],
    [
      'post-header-key-sort',
      'POST /',
      [['My-Header1', 'value1']],
      'host;my-header1;x-amz-date',
      'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
    ],
    [
      'get-vanilla-query-order-encoded',
      'GET /?Param-3=Value3&Param=Value2&%E1%88%B4=Value1',
      [],
      plain,
      '371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac',
    ],
    [
      'get-vanilla-query-unreserved',
      'GET /?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
      [],
      plain,
      '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
    ],
    [
      'post-vanilla-query',
      'POST /?Param1=value1',
      [],
      plain,
      '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
    ],
    [
      'post-x-www-form-urlencoded-parameters',
      'POST / Param1=value1',
      [
        ['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8'],
        ['Content-Length', '13'],
        ['x-amz-content-sha256', '9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e'],
      ],
      'content-length;content-type;host;x-amz-content-sha256;x-amz-date',
      '328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422',
    ],
  ];
  it.each(vectors)('%s is accepted', (_, line, headers, signed, signature) => {
    const [method = '', url = '', body = ''] = line.split(' ');
    const sent = [['Host', 'example.amazonaws.com'], ...headers, ['X-Amz-Date', '20150830T123600Z']];
    const request = { method, url, body, rawHeaders: sent.flat() };
    const with_ = (text: string) => ({
      ...request,
      rawHeaders: [...request.rawHeaders, 'Authorization', text],
    });
    expect(accepts(with_(authorization(signed, signature)))).toBe(true);
    expect(accepts(with_(authorization(signed, `${signature.slice(0, -1)}0`)))).toBe(false);
    expect(accepts(with_(authorization(signed, signature.slice(2))))).toBe(false);
    expect(accepts(with_(authorization(signed, signature)), 'another secret')).toBe(false);
  });
});

describe('a request that the signer of the AWS SDK signed', () => {
  const signer = new SignatureV4({
    service: 'cognito-idp',
    region: 'us-east-1',
    credentials: { accessKeyId: key.id, secretAccessKey: key.secret },
    sha256: Sha256,
  });
  const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((value) => value.isWellFormed());
  const headerValue = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e\t]{0,20}[\x21-\x7e])?$/);
  const requests = fc.record({
    body: fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed()),
    query: fc.dictionary(
      text.filter((name) => name !== '' && name !== '__proto__'),
      text,
      { maxKeys: 4 },
    ),
    headers: fc.dictionary(fc.stringMatching(/^x-(amz-)?[a-z]{1,8}$/), headerValue, { maxKeys: 5 }),
    now: fc.date({ min: new Date('2020-01-01'), max: new Date('2037-12-31'), noInvalidDate: true }),
  });

  async function signed({
    body,
    query,
    headers,
    now,
  }: typeof requests extends fc.Arbitrary<infer T> ? T : never) {
    const { headers: all } = await signer.sign(
      {
        method: 'POST',
        protocol: 'https:',
        hostname: 'login.example.com',
        path: '/',
        query,
        headers: { ...headers, host: 'login.example.com', 'x-amz-target': 'Service.ListUsers' },
        body,
      },
      { signingDate: now },
    );
    const encoded = Object.entries(query).map((pair) => pair.map(encodeURIComponent).join('='));
    return {
      method: 'POST',
      url: encoded.length === 0 ? '/' : `/?${encoded.join('&')}`,
      body,
      rawHeaders: Object.entries(all).flat(),
    };
  }
  const judged = (request: SignedRequest, now: Date, secret?: string) =>
    accepts(request, secret, 'cognito-idp', now.getTime());
  /** Whether it is refused, by a mismatch or, such as for a header that was not signed, before. */
  const refused = (request: SignedRequest, now: Date, secret?: string) => {
    try {
      return !judged(request, now, secret);
    } catch {
      return true;
    }
  };

  it('is accepted as it came, and refused with anything changed', () =>
    fc.assert(
      fc.asyncProperty(requests, fc.nat(), async (facts, seed) => {
        const request = await signed(facts);
        const { rawHeaders } = request;
        expect(judged(request, facts.now)).toBe(true);
        expect(refused(request, facts.now, `${key.secret}x`)).toBe(true);
        expect(refused({ ...request, method: 'PUT' }, facts.now)).toBe(true);
        expect(refused({ ...request, body: `${request.body} ` }, facts.now)).toBe(true);
        expect(
          refused({ ...request, url: `${request.url}${request.url === '/' ? '?' : '&'}a` }, facts.now),
        ).toBe(true);
        expect(refused({ ...request, rawHeaders: [...rawHeaders, 'X-Amz-New', '1'] }, facts.now)).toBe(true);
        const value = 2 * (seed % (rawHeaders.length / 2)) + 1;
        const changed = rawHeaders.with(value, `${rawHeaders[value]}x`);
        expect(refused({ ...request, rawHeaders: changed }, facts.now)).toBe(true);
        const without = rawHeaders.toSpliced(value - 1, 2);
        expect(refused({ ...request, rawHeaders: without }, facts.now)).toBe(true);
      }),
      { numRuns: 300 },
    ));
});

describe('the hash of the body', () => {
  const timestamp = '20150830T123600Z';
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');

  /** A signature by the book over the hash `payload`, while the header says `declared`. */
  function signedByHand(body: string, payload: string, declared: string): SignedRequest {
    const headers = { host: 'h', 'x-amz-content-sha256': declared, 'x-amz-date': timestamp };
    const names = Object.keys(headers).join(';');
    const lines = Object.entries(headers).map((pair) => pair.join(':'));
    const canonical = ['POST', '/', '', ...lines, '', names, payload].join('\n');
    const scope = ['20150830', 'us-east-1', 'service', 'aws4_request'];
    const toSign = ['AWS4-HMAC-SHA256', timestamp, scope.join('/'), digest(canonical)].join('\n');
    const signature = [...scope, toSign]
      .reduce(
        (secret: string | Buffer, text) => createHmac('sha256', secret).update(text).digest(),
        `AWS4${key.secret}`,
      )
      .toString('hex');
    const rawHeaders = [...Object.entries(headers).flat(), 'Authorization', authorization(names, signature)];
    return { method: 'POST', url: '/', body, rawHeaders };
  }

  it('may be sent along, and must be right', () => {
    const right = digest('{}');
    expect(accepts(signedByHand('{}', right, right))).toBe(true);
    expect(accepts(signedByHand('{}', right, digest('[]')))).toBe(false);
    expect(accepts(signedByHand('{}', right, 'UNSIGNED-PAYLOAD'))).toBe(false);
    expect(accepts(signedByHand('{}', 'UNSIGNED-PAYLOAD', 'UNSIGNED-PAYLOAD'))).toBe(false);
  });
});

describe('any Authorization header', () => {
  it('is refused with an error that callers know, never with a crash', () => {
    const piece = fc.constantFrom(
      'AWS4-HMAC-SHA256 ',
      'Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request',
      'SignedHeaders=host;x-amz-date',
      'SignedHeaders=host;x-amz-date;x-missing',
      'Signature=',
      ...' ,=/;\0\u00e9',
    );
    const header = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      fc
        .shuffledSubarray(['Credential=a/b/c/d/e', 'SignedHeaders=host', 'Signature=f', 'x', 'y='])
        .map((parameters) => `AWS4-HMAC-SHA256 ${parameters.join(', ')}`),
      fc.string(),
    );
    const date = fc.oneof(fc.constant('20150830T123600Z'), fc.string());
    fc.assert(
      fc.property(header, date, fc.webQueryParameters(), (sent, timestamp, query) => {
        const rawHeaders = ['Host', 'h', 'X-Amz-Date', timestamp, 'Authorization', sent];
        try {
          expect(accepts({ method: 'POST', url: `/?${query}&%zz`, body: '', rawHeaders })).toBe(false);
        } catch (error) {
          expect(error).toBeInstanceOf(ServiceError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('of any length is refused in no time', () => {
    const long = `AWS4-HMAC-SHA256 ${'Credential=,'.repeat(100_000)}`;
    const rawHeaders = ['Host', 'h', 'X-Amz-Date', '20150830T123600Z', 'Authorization', long];
    const started = performance.now();
    expect(() => accepts({ method: 'POST', url: '/', body: '', rawHeaders })).toThrow(ServiceError);
    expect(performance.now() - started).toBeLessThan(100);
  });
});
