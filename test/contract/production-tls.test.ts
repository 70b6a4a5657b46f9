import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, startPoolkeeper } from '../../packages/server/src/index.ts';
import { commandLine } from '../support/command.ts';
import { httpsGet } from '../support/https-get.ts';
import { openCertificate } from '../support/mail-server.ts';
import { environmentOf, furnishProduction } from '../support/production-house.ts';

type Certificate = Awaited<ReturnType<typeof openCertificate>>;
let first: Certificate;
let second: Certificate;
beforeAll(async () => {
  [first, second] = await Promise.all([openCertificate(), openCertificate()]);
});
afterAll(() => {
  first[Symbol.dispose]();
  second[Symbol.dispose]();
});

const { start, killAll } = commandLine();
let resources: AsyncDisposableStack;
let folder: string;
let files: { tlsCert: string; tlsKey: string };
beforeEach(() => {
  resources = new AsyncDisposableStack();
  folder = mkdtempSync(join(tmpdir(), 'poolkeeper-tls-'));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  files = { tlsCert: join(folder, 'live', 'tls.crt'), tlsKey: join(folder, 'live', 'tls.key') };
  put({ cert: first.cert, key: first.key });
});
afterEach(async () => {
  killAll();
  await resources.disposeAsync();
});

let versions = 0;
/** Has `live` point to a new folder with other files, as Kubernetes does with a secret. */
function put({ cert, key }: { cert: string; key: string }): void {
  const version = join(folder, `version-${++versions}`);
  mkdirSync(version);
  writeFileSync(join(version, 'tls.crt'), cert);
  writeFileSync(join(version, 'tls.key'), key);
  symlinkSync(version, join(folder, 'new'));
  renameSync(join(folder, 'new'), join(folder, 'live'));
}

/** A server in production that speaks TLS, as a process of its own. */
async function serve() {
  const { options } = resources.use(await furnishProduction());
  const publicUrl = options.publicUrl.replace('http:', 'https:');
  const { port, ...others } = options;
  const server = start({ port, host: '0.0.0.0', ...files }, [], environmentOf({ ...others, publicUrl }));
  return { server, url: await server.url() };
}

/** Which of the two was served is looked at: they have one name, so no client could trust both. */
const anyCertificate = { rejectUnauthorized: false };
const fingerprint = ({ cert }: Certificate) => new X509Certificate(cert).fingerprint256;
const served = async (url: string) => (await httpsGet(`${url}/health`, anyCertificate)).certificate;

describe('a server with a certificate', () => {
  it('answers by https alone, says so for good, and does not say what it is', async () => {
    const { url } = await serve();
    expect(url).toMatch(/^https:/);
    const { status, headers, text } = await httpsGet(`${url}/health`, { ca: first.cert });
    expect([status, text]).toEqual([200, '{"status":"ok"}']);
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
    expect(headers).not.toHaveProperty('server');
    expect(headers).not.toHaveProperty('x-powered-by');
    await expect(fetch(`${url.replace('https:', 'http:')}/health`)).rejects.toThrow();
  });

  it('takes TLS 1.2 and 1.3, and nothing older', async () => {
    const { url } = await serve();
    const spoken = async (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') => {
      const options = {
        ca: first.cert,
        minVersion: version,
        maxVersion: version,
        ciphers: 'DEFAULT@SECLEVEL=0',
      };
      return (await httpsGet(`${url}/health`, options)).protocol;
    };
    expect(await spoken('TLSv1.3')).toBe('TLSv1.3');
    expect(await spoken('TLSv1.2')).toBe('TLSv1.2');
    await expect(spoken('TLSv1.1')).rejects.toThrow();
  });

  it('serves a renewed certificate without losing a request, and keeps the connections it has', async () => {
    const { url } = await serve();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const kept = () => httpsGet(`${url}/health`, { ...anyCertificate, agent });
    expect((await kept()).certificate).toBe(fingerprint(first));
    const answers: number[] = [];
    let renewed = false;
    const traffic = (async () => {
      while (!renewed) answers.push((await httpsGet(`${url}/health`, anyCertificate)).status);
    })();
    put({ cert: second.cert, key: second.key });
    await expect.poll(() => served(url), { timeout: 10_000 }).toBe(fingerprint(second));
    renewed = true;
    await traffic;
    expect(answers.length).toBeGreaterThan(10);
    expect(answers.every((status) => status === 200)).toBe(true);
    expect((await kept()).certificate).toBe(fingerprint(first));
    agent.destroy();
  });

  it('keeps the one it has while the files are broken, says so, and takes the mended ones', async () => {
    const { server, url } = await serve();
    let log = '';
    server.child.stderr?.on('data', (chunk) => {
      log += chunk;
    });
    put({ cert: second.cert, key: first.key });
    await expect.poll(() => log, { timeout: 10_000 }).toMatch(/"level":50.*is not that of the certificate/);
    expect(await served(url)).toBe(fingerprint(first));
    put({ cert: second.cert, key: second.key });
    await expect.poll(() => served(url), { timeout: 10_000 }).toBe(fingerprint(second));
    expect(log).not.toContain('PRIVATE KEY');
  });

  it('serves dev mode, too', async () => {
    const server = await startPoolkeeper(files);
    resources.defer(() => server.close());
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const { status, text } = await httpsGet(`${server.url}/`, { ca: first.cert });
    expect(status).toBe(200);
    expect(text).toContain(server.url);
  });
});

describe('a start', () => {
  it.each<[string, () => { cert: string; key: string }, RegExp]>([
    [
      'the key of another certificate',
      () => ({ cert: first.cert, key: second.key }),
      /The key in .*tls\.key is not that of the certificate in .*tls\.crt/,
    ],
    ['no certificate', () => ({ cert: 'none', key: first.key }), /tls\.crt holds no certificate in PEM/],
    ['no key', () => ({ cert: first.cert, key: '' }), /tls\.key holds no private key in PEM/],
  ])('is refused with %s', async (_, pair, text) => {
    put(pair());
    const starting = startPoolkeeper(files);
    await expect(starting).rejects.toThrow(ConfigError);
    await expect(starting).rejects.toThrow(text);
  });

  it('is refused with a file that is not there', async () => {
    await expect(startPoolkeeper({ ...files, tlsKey: join(folder, 'nowhere.key') })).rejects.toThrow(
      /--tls-key: the file .*nowhere\.key could not be read \(ENOENT\)/,
    );
  });
});
