import { fileURLToPath } from 'node:url';
import { AdminCreateUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { openFunctions, type TestFunctions } from '../support/functions.ts';
import { type House, openHouse } from '../support/house.ts';
import { openKms } from '../support/kms-server.ts';
import { refusal } from '../support/refusal.ts';

const KeyId = 'arn:aws:kms:eu-west-1:123456789012:key/7d1a3f9e-0000-4000-8000-123456789012';
const OTHER_KEY = 'arn:aws:kms:eu-west-1:123456789012:alias/another';
const EncryptionContext = { 'userpool-id': 'us-east-1_AbCdEf123', purpose: 'a test' };
const SENDER = fileURLToPath(new URL('../support/functions/decrypting-sender.mjs', import.meta.url));
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('utf8');

const kmsAt = (endpoint: string) =>
  new KMSClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });

describe("dev mode's own KMS", () => {
  let house: House;
  let kms: KMSClient;
  let CiphertextBlob: Uint8Array;
  beforeAll(async () => {
    house = await openHouse();
    kms = kmsAt(house.url);
    const Plaintext = Buffer.from('a plaintext');
    const sealed = await kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }));
    CiphertextBlob = sealed.CiphertextBlob as Uint8Array;
    expect(sealed).toMatchObject({ KeyId, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
  });
  afterAll(() => house[Symbol.asyncDispose]());

  const decrypt = (input: object = {}) =>
    kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext, ...input }));
  /** As no SDK would send it. */
  async function send(target: string, body: string, headers: Record<string, string> = {}) {
    const response = await fetch(house.url, {
      method: 'POST',
      headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1', ...headers },
      body,
    });
    return { status: response.status, ...((await response.json()) as { __type: string; message?: string }) };
  }

  it('decrypts what it encrypted, told its key or not, with the pairs of the context in any order', async () => {
    const backwards = Object.fromEntries(Object.entries(EncryptionContext).reverse());
    for (const input of [{}, { KeyId }, { EncryptionContext: backwards }]) {
      const opened = await decrypt(input);
      expect(opened).toMatchObject({ KeyId, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
      expect(text(opened.Plaintext)).toBe('a plaintext');
    }
  });

  it('makes data keys, in clear and sealed, and each is another', async () => {
    const make = () => kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext }));
    const [one, two] = [await make(), await make()];
    expect(one.Plaintext).toHaveLength(32);
    expect(one.Plaintext).not.toEqual(two.Plaintext);
    expect((await decrypt({ CiphertextBlob: one.CiphertextBlob })).Plaintext).toEqual(one.Plaintext);
  });

  it('opens nothing for another context', async () => {
    for (const other of [
      {},
      undefined,
      { ...EncryptionContext, more: '' },
      { 'userpool-id': 'us-east-1_AbCdEf123' },
    ]) {
      expect(await refusal(decrypt({ EncryptionContext: other }))).toMatch(/^InvalidCiphertextException/);
    }
  });

  it('opens nothing for another key', async () => {
    expect(await refusal(decrypt({ KeyId: OTHER_KEY }))).toMatch(/^IncorrectKeyException/);
    const renamed = Buffer.from(CiphertextBlob);
    renamed.write('8', renamed.indexOf('7d1a3f9e'));
    expect(await refusal(decrypt({ CiphertextBlob: renamed }))).toMatch(/^InvalidCiphertextException/);
  });

  it('opens nothing of another server', async () => {
    await using stranger = await openHouse();
    const opening = kmsAt(stranger.url).send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    expect(await refusal(opening)).toMatch(/^InvalidCiphertextException/);
  });

  it.each([
    ['an empty one', new Uint8Array(1)],
    ['one cut short', new Uint8Array([1, 255, 255, 65])],
    ['anything', Buffer.from('anything at all')],
  ])('opens no ciphertext that is none: %s', async (_, blob) => {
    expect(await refusal(decrypt({ CiphertextBlob: blob }))).toMatch(/^InvalidCiphertextException/);
  });

  it('opens no ciphertext that was changed anywhere', async () => {
    for (const index of [0, 1, 2, 3, CiphertextBlob.length - 30, CiphertextBlob.length - 1]) {
      const changed = Buffer.from(CiphertextBlob);
      changed[index] = (changed[index] as number) ^ 1;
      expect(await refusal(decrypt({ CiphertextBlob: changed }))).toMatch(/^InvalidCiphertextException/);
    }
  });

  it.each([
    ['NotFoundException', 'GenerateDataKey', { KeyId: 'alias/mine', NumberOfBytes: 32 }],
    ['NotFoundException', 'GenerateDataKey', { KeyId: `${KeyId}"`, NumberOfBytes: 32 }],
    ['ValidationException', 'GenerateDataKey', { NumberOfBytes: 32 }],
    ['ValidationException', 'GenerateDataKey', { KeyId }],
    ['ValidationException', 'GenerateDataKey', { KeyId, NumberOfBytes: 1025 }],
    ['ValidationException', 'GenerateDataKey', { KeyId, NumberOfBytes: 1.5 }],
    ['ValidationException', 'GenerateDataKey', { KeyId, KeySpec: 'toString' }],
    ['ValidationException', 'GenerateDataKey', { KeyId, KeySpec: 'AES_256', NumberOfBytes: 32 }],
    ['SerializationException', 'GenerateDataKey', { KeyId, NumberOfBytes: 32, EncryptionContext: { a: 1 } }],
    ['SerializationException', 'GenerateDataKey', { KeyId, NumberOfBytes: 32, EncryptionContext: ['a'] }],
    [
      'ValidationException',
      'GenerateDataKey',
      { KeyId, NumberOfBytes: 32, EncryptionContext: { a: 'b'.repeat(9000) } },
    ],
    ['SerializationException', 'Encrypt', { KeyId: {}, Plaintext: 'YQ==' }],
    ['ValidationException', 'Encrypt', { KeyId, Plaintext: 'a'.repeat(6000) }],
    ['ValidationException', 'Encrypt', { KeyId, Plaintext: '' }],
    ['ValidationException', 'Decrypt', { CiphertextBlob: 'not base64!' }],
    ['ValidationException', 'Decrypt', { CiphertextBlob: 'a'.repeat(12_000) }],
    [
      'InvalidKeyUsageException',
      'Decrypt',
      { CiphertextBlob: 'YQ==', EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' },
    ],
    ['UnknownOperationException', 'ListKeys', {}],
    ['UnknownOperationException', 'constructor', {}],
  ])('%s: %s of %j', async (type, operation, input) => {
    const { status, __type } = await send(`TrentService.${operation}`, JSON.stringify(input));
    expect({ status, __type }).toEqual({ status: 400, __type: type });
  });

  it.each(['', 'null', '[', '"text"', '7'])('SerializationException: a body of %j', async (body) => {
    expect(await send('TrentService.Decrypt', body)).toEqual({
      status: 400,
      __type: 'SerializationException',
    });
  });

  it('answers no web page', async () => {
    const body = JSON.stringify({ KeyId, NumberOfBytes: 32 });
    const answer = await send('TrentService.GenerateDataKey', body, { origin: 'https://example.com' });
    expect(answer).toMatchObject({ status: 400, __type: 'AccessDeniedException' });
  });

  it('a key of a pool is one by its ARN', async () => {
    const LambdaConfig = { KMSKeyID: 'arn:aws:iam::123456789012:role/not-a-key' };
    expect(await refusal(house.createPool({ LambdaConfig }))).toMatch(
      /^InvalidParameterException: KMSKeyID must be the ARN of a KMS key/,
    );
  });
});

describe('--kms URL', () => {
  let functions: TestFunctions;
  beforeAll(async () => {
    functions = await openFunctions();
  });
  afterEach(() => {
    functions.reset();
    vi.unstubAllEnvs();
  });
  afterAll(() => functions.close());

  function stub(environment: Record<string, string>) {
    const all = { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any', ...environment };
    for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  }

  async function invite(house: House) {
    const poolId = await house.createPool({
      LambdaConfig: {
        CustomEmailSender: { LambdaArn: functions.arn('email'), LambdaVersion: 'V1_0' },
        KMSKeyID: KeyId,
      },
    });
    const UserAttributes = attributeList({ email: 'a@example.com' });
    await house.sdk.send(
      new AdminCreateUserCommand({
        UserPoolId: poolId,
        Username: 'a',
        UserAttributes,
        TemporaryPassword: 'Passw0rd!',
        DesiredDeliveryMediums: ['EMAIL'],
      }),
    );
    return poolId;
  }
  const message = async (house: House) => (await house.messages('a@example.com'))[0];

  it('has that KMS make the key, in the region of its ARN, once a message; the function decrypts there', async () => {
    using kms = await openKms(KeyId);
    // As everybody has them whose KMS is elsewhere.
    stub({ AWS_ENDPOINT_URL_KMS: kms.url, KEY_ARN: KeyId, KEY_ID: KeyId });
    await using house = await openHouse({ kms: kms.url, function: `*=file:${SENDER}` });
    const poolId = await invite(house);
    await vi.waitFor(async () => expect((await message(house))?.status).toBe('sent'), 5000);
    expect(functions.last('CustomEmailSender_AdminCreateUser')).toMatchObject({
      opened: { code: 'Passw0rd!' },
    });
    const asked = { 'userpool-id': poolId, 'aws-crypto-public-key': expect.any(String) };
    const [making, opening, ...others] = kms.asked;
    expect(making).toMatchObject({
      target: 'TrentService.GenerateDataKey',
      region: 'eu-west-1',
      input: { KeyId, NumberOfBytes: 32, EncryptionContext: asked },
    });
    expect(opening).toMatchObject({ target: 'TrentService.Decrypt', input: { EncryptionContext: asked } });
    expect(others).toEqual([]);
  });

  it('a message waits for a KMS that refuses, or is away, and says what for', async () => {
    stub({});
    const kms = await openKms(KeyId);
    await using house = await openHouse({ kms: kms.url, function: `*=file:${SENDER}` });
    kms.fail('AccessDeniedException');
    await invite(house);
    const reason = async () => (await message(house))?.lastError;
    await vi.waitFor(async () =>
      expect(await reason()).toBe('The code was not encrypted: AccessDeniedException.'),
    );
    kms[Symbol.dispose]();
    await house.advance('PT2S');
    await vi.waitFor(
      async () => expect(await reason()).toBe('The code was not encrypted: ECONNREFUSED.'),
      5000,
    );
    expect(await message(house)).toMatchObject({ status: 'queued' });
    expect(functions.events()).toEqual([]);
  });

  it.each(['aws', 'http://127.0.0.1:9'])('%s: the server itself is no KMS', async (kms) => {
    await using house = await openHouse({ kms });
    const asking = kmsAt(house.url).send(new GenerateDataKeyCommand({ KeyId, NumberOfBytes: 32 }));
    expect(await refusal(asking)).toMatch(/^UnknownOperation/);
  });
});
