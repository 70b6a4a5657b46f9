import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { commandLine } from '../support/command.ts';
import { environmentOf, furnishProduction, newSecret } from '../support/production-house.ts';

/** A stand-in for AWS KMS, which cannot be had here: it "decrypts" what is listed, by the same API. */
const plaintexts = new Map<string, string>();
const asked: { target: string | undefined; region: string | undefined }[] = [];
let kms: Server;
let environment: NodeJS.ProcessEnv;
let furnished: Awaited<ReturnType<typeof furnishProduction>>;
const { start, killAll } = commandLine();

beforeEach(async () => {
  plaintexts.clear();
  asked.length = 0;
  kms = createServer(async (request, response) => {
    const { CiphertextBlob } = (await json(request)) as { CiphertextBlob: string };
    asked.push({
      target: request.headers['x-amz-target'] as string,
      region: /\/([a-z0-9-]+)\/kms\/aws4_request/.exec(request.headers.authorization ?? '')?.[1],
    });
    const plaintext = plaintexts.get(CiphertextBlob);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    if (plaintext === undefined) {
      response.statusCode = 400;
      response.end(JSON.stringify({ __type: 'InvalidCiphertextException', message: null }));
      return;
    }
    response.end(JSON.stringify({ Plaintext: Buffer.from(plaintext).toString('base64'), KeyId: 'a-key' }));
  }).listen(0, '127.0.0.1');
  furnished = await furnishProduction();
  environment = {
    AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${(kms.address() as AddressInfo).port}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  };
});
afterEach(async () => {
  killAll();
  kms.close();
  await furnished[Symbol.asyncDispose]();
});

/** What KMS opens again. */
function encrypted(plaintext: string): string {
  const ciphertext = Buffer.from(`ciphertext number ${plaintexts.size}`).toString('base64');
  plaintexts.set(ciphertext, plaintext);
  return `kms:${ciphertext}`;
}

/** Starts with these secrets in place of those that the server would have had. */
function startWith(secrets: { masterKey?: string; adminToken?: string }, more: NodeJS.ProcessEnv = {}) {
  const { port, ...others } = furnished.options;
  return start({ port }, [], { ...environment, ...environmentOf({ ...others, ...secrets }), ...more });
}

it('has AWS KMS decrypt what is given as kms:, where the AWS SDK finds it', async () => {
  const { adminToken, masterKey } = furnished.options;
  const keys = `${encrypted(`${masterKey}\n`)} ${encrypted(newSecret())}`;
  const server = startWith({ adminToken: encrypted(adminToken), masterKey: keys });
  const headers = { authorization: `Bearer ${adminToken}` };
  expect((await fetch(`${await server.url()}/_poolkeeper/messages`, { headers })).status).toBe(200);
  expect(asked).toEqual(Array(3).fill({ target: 'TrentService.Decrypt', region: 'eu-central-1' }));
});

it.each<[string, string, NodeJS.ProcessEnv, RegExp]>([
  ['what KMS refuses', 'kms:bm90IGEgY2lwaGVydGV4dA==', {}, /AWS KMS did not decrypt it: InvalidCiphertext/],
  ['what is no base64', 'kms:???', {}, /kms: is followed by base64/],
  [
    'a KMS that is away',
    'kms:bm90IGEgY2lwaGVydGV4dA==',
    { AWS_ENDPOINT_URL_KMS: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' },
    /--admin-token: AWS KMS did not decrypt it/,
  ],
  [
    'an SDK that is not installed',
    'kms:bm90IGEgY2lwaGVydGV4dA==',
    { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(withoutSdk())}` },
    /npm install @aws-sdk\/client-kms/,
  ],
])('does not start with %s', async (_, adminToken, more, text) => {
  const { code, errors } = await startWith({ adminToken }, more).end();
  expect(code).toBe(1);
  expect(errors).toMatch(text);
  expect(errors).not.toMatch(/\n\s+at /);
});

/** A program that has Node not find the package, as on a machine where nobody installed it. */
function withoutSdk(): string {
  return `
    import { registerHooks } from 'node:module';
    registerHooks({
      resolve(name, context, next) {
        if (name !== '@aws-sdk/client-kms') return next(name, context);
        throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
      },
    });`;
}
