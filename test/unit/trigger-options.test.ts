/** --function and what goes with it: where a pool's functions run, said completely or refused with what to write. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { configOf, readConfig, type StartOptions } from '../../packages/server/src/config/config.ts';
import { ConfigError } from '../../packages/server/src/index.ts';
import { WEBHOOK_SECRET } from '../support/functions/webhook-secret.ts';
import { recorderFile } from '../support/functions.ts';
import { newSecret } from '../support/production-house.ts';

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:name';
const webhookSecret = WEBHOOK_SECRET;
const production = () => ({
  mode: 'production',
  publicUrl: 'https://login.example.com',
  masterKey: newSecret(),
  adminToken: newSecret(),
  email: 'smtp://mail.example.com:587?from=a@example.com',
});

const targetOf = async (text: string, options: StartOptions = {}) =>
  (await configOf({ function: text, ...options })).functions;

const refusalOf = (options: StartOptions): Promise<string> =>
  configOf(options).then(
    () => 'accepted',
    (error: unknown) => (error instanceof ConfigError ? error.message : Promise.reject(error)),
  );

describe('a target', () => {
  test('is a file, whose export is handler unless another is named', async () => {
    const file = { kind: 'file', path: recorderFile };
    expect(await targetOf(`*=file:${recorderFile}`)).toEqual([
      { arn: '*', target: { ...file, exportName: 'handler' } },
    ]);
    expect(await targetOf(`${ARN}=file:./test/support/functions/recorder.mjs#other`)).toEqual([
      { arn: ARN, target: { ...file, exportName: 'other' } },
    ]);
  });

  test("is a file in a folder whose name says nothing to a URL's reader", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pool #1 %20 ü'));
    const path = join(folder, 'f.mjs');
    writeFileSync(path, '');
    for (const exportName of ['handler', 'other']) {
      const target = { kind: 'file', path, exportName };
      expect(await targetOf(`*=file:${path}#${exportName}`)).toEqual([{ arn: '*', target }]);
    }
    expect(await targetOf(`*=file:${path}`)).toMatchObject([{ target: { path, exportName: 'handler' } }]);
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['lambda:', { endpoint: undefined, name: undefined }],
    ['lambda:http://127.0.0.1:3001', { endpoint: 'http://127.0.0.1:3001', name: undefined }],
    ['lambda:http://localhost:8080/function', { endpoint: 'http://localhost:8080', name: 'function' }],
    [
      'lambda:https://lambda.example.com/My%20One/',
      { endpoint: 'https://lambda.example.com', name: 'My One' },
    ],
  ])('is Lambda: %s', async (text, target) => {
    expect(await targetOf(`*=${text}`)).toEqual([{ arn: '*', target: { kind: 'lambda', ...target } }]);
  });

  test.each([
    ['https://hooks.example.com/a?b=c', 'https://hooks.example.com/a?b=c'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000/'],
  ])('is a URL: %s', async (text, url) => {
    expect(await targetOf(`*=${text}`, { webhookSecret })).toEqual([
      { arn: '*', target: { kind: 'https', url } },
    ]);
  });

  test('belongs to an ARN even if that holds =', async () => {
    const odd = 'arn:aws:lambda:us-east-1:123456789012:function:a=b:live';
    expect(await targetOf(`${odd}=lambda:`)).toMatchObject([{ arn: odd }]);
  });

  test('is given once for an ARN, beside * for all others', async () => {
    const two = [`*=file:${recorderFile}`, `${ARN}=lambda:`];
    expect((await configOf({ function: two })).functions.map(({ arn }) => arn)).toEqual(['*', ARN]);
    expect(await refusalOf({ function: [...two, `${ARN}=file:${recorderFile}`] })).toMatch(
      /names arn.* twice/,
    );
  });

  test('can be given in the environment, several apart by spaces', async () => {
    const environment = { POOLKEEPER_FUNCTION: `*=file:${recorderFile} ${ARN}=lambda:` };
    expect((await readConfig([], environment)).functions).toHaveLength(2);
  });
});

describe('what would not work is refused with what to write', () => {
  test.each<[string, StartOptions, RegExp]>([
    ['no ARN', { function: './handler.ts' }, /not understood\. Give ARN=TARGET/],
    ['an ARN of another service', { function: 'arn:aws:sns:us-east-1:1:x=lambda:' }, /Give ARN=TARGET/],
    ['a target of another kind', { function: '*=ftp://x' }, /Give ARN=TARGET/],
    ['a file that is not there', { function: '*=file:./nowhere.ts' }, /there is no file .*nowhere\.ts/],
    ['a file that is no module', { function: '*=file:./package.json' }, /must name a module/],
    ['an export that cannot be', { function: `*=file:${recorderFile}#a-b` }, /the name of an export/],
    ['no URL', { function: '*=https://', webhookSecret }, /is not a URL/],
    [
      'a user in a URL',
      { function: '*=https://u:hunter2@x.example/', webhookSecret },
      /no user, password or #/,
    ],
    ['http to elsewhere', { function: '*=http://x.example/', webhookSecret }, /give an https URL/],
    ['Lambda by no URL', { function: '*=lambda:us-east-1' }, /stands alone for AWS/],
    ['Lambda by a path', { function: '*=lambda:http://127.0.0.1:1/a/b' }, /only the function's name/],
    [
      'a URL without a secret',
      { function: '*=https://x.example/' },
      /needs --webhook-secret.*openssl rand -base64 32/,
    ],
    ['a secret that is short', { webhookSecret: randomBytes(16).toString('base64') }, /24 random bytes/],
    ['a secret made up', { webhookSecret: 'changemechangemechangemechangeme' }, /nobody can guess/],
    [
      'a secret that is no base64',
      { webhookSecret: 'whsec_hunter2-hunter2-hunter2-hunter2-hunter2' },
      /must be base64/,
    ],
    ['networks in dev mode', { functionNetworks: '10.0.0.0/8' }, /for --mode production/],
    [
      'a network that is none',
      { functionNetworks: 'localhost' },
      /--function-networks must be a network such as/,
    ],
    ['a network of everybody', { ...production(), functionNetworks: '0.0.0.0/0' }, /is everybody/],
    [
      'http in production',
      { ...production(), function: '*=http://127.0.0.1/', webhookSecret },
      /give an https URL/,
    ],
    [
      'http to Lambda in production',
      { ...production(), function: '*=lambda:http://lambda.internal' },
      /give an https URL/,
    ],
    [
      'a private address in production',
      { ...production(), function: '*=https://10.0.0.5/', webhookSecret },
      /--function-networks 10\.0\.0\.5/,
    ],
    [
      'a private address in disguise',
      { ...production(), function: '*=https://[::ffff:10.0.0.5]/', webhookSecret },
      /--function-networks ::ffff:a00:5/,
    ],
    [
      'the same as a number',
      { ...production(), function: '*=https://2130706433/', webhookSecret },
      /127\.0\.0\.1/,
    ],
  ])('%s', async (_what, options, text) => {
    const message = await refusalOf(options);
    expect(message).toMatch(text);
    expect(message).not.toContain('hunter2');
  });

  test('a private address that is named is accepted', async () => {
    const options = { function: '*=https://10.0.0.5/', webhookSecret, functionNetworks: ['10.0.0.0/24'] };
    expect(await refusalOf({ ...production(), ...options })).toBe('accepted');
  });

  test('a file and Lambda on loopback serve in production, too', async () => {
    const both = [`*=file:${recorderFile}`, `${ARN}=lambda:http://127.0.0.1:3001`];
    expect(await refusalOf({ ...production(), function: both })).toBe('accepted');
  });
});

describe('the webhook secret', () => {
  test.each([
    ['as openssl makes it', randomBytes(32).toString('base64')],
    ['as Standard Webhooks writes it', `whsec_${randomBytes(24).toString('base64')}`],
    ['twice, while it is exchanged', `${newSecret()} ${newSecret()}`],
  ])('is taken %s', async (_how, secret) => {
    expect((await configOf({ webhookSecret: secret })).webhookSecrets).toEqual(secret.split(' '));
  });

  test('is not taken from the command line in production', async () => {
    const { masterKey, adminToken, publicUrl, email } = production();
    const environment = {
      POOLKEEPER_MASTER_KEY: masterKey,
      POOLKEEPER_ADMIN_TOKEN: adminToken,
      POOLKEEPER_PUBLIC_URL: publicUrl,
      POOLKEEPER_EMAIL: email,
    };
    const args = ['--mode', 'production', '--webhook-secret', WEBHOOK_SECRET];
    await expect(readConfig(args, environment)).rejects.toThrow(/--webhook-secret out of sight/);
    await expect(readConfig(args, environment)).rejects.not.toThrow(WEBHOOK_SECRET);
    const kept = { ...environment, POOLKEEPER_WEBHOOK_SECRET: WEBHOOK_SECRET };
    expect(await readConfig(['--mode', 'production'], kept)).toMatchObject({
      webhookSecrets: [WEBHOOK_SECRET],
    });
  });

  test('is not shown with the configuration, nor what stands in the query of a URL', async () => {
    const config = await configOf({
      webhookSecret,
      function: ['*=https://hooks.example.com/a?key=hunter2', `${ARN}=file:${recorderFile}`],
    });
    for (const shown of [inspect(config, { depth: 9 }), JSON.stringify(config)]) {
      expect(shown).not.toContain(WEBHOOK_SECRET);
      expect(shown).not.toContain('hunter2');
      expect(shown).toContain('*=https://hooks.example.com/a');
      expect(shown).toContain(`file:${join(recorderFile)}#handler`);
    }
  });
});
