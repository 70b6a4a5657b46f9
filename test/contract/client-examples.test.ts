import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';

const root = join(import.meta.dirname, '../..');
/** Within the repository, so that the examples find the package by its name. */
const folder = join(root, 'node_modules/.cache/client-examples', String(process.pid));

interface Example {
  readonly title: string;
  readonly code: string;
}

/** The examples of the client's README, by the headings that they stand under. */
const examples: readonly Example[] = readFileSync(join(root, 'packages/client/README.md'), 'utf8')
  .split(/^## /m)
  .flatMap((section) => {
    const heading = section.slice(0, section.indexOf('\n'));
    const codes = [...section.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
    return codes.map((code, at) => ({ title: at === 0 ? heading : `${heading} (${at + 1})`, code }));
  });

/** The names that the text of the README stands for. */
const given = `
  import type { App } from '@poolkeeper/client';
  const given = (globalThis as unknown as { given: Record<string, unknown> }).given;
  const text = (name: string) => given[name] as string;
  export const endpoint = text('endpoint'), userPoolId = text('userPoolId'), clientId = text('clientId');
  export const accessKeyId = 'test', secretAccessKey = 'test';
  export const password = text('password'), newPassword = text('newPassword');
  export const app = { endpoint, userPoolId, clientId } as App;
  export const askUser = given['askUser'] as (question: string) => Promise<string>;
  export const console = { log: given['log'] as (...shown: unknown[]) => void };
`;
const NAMES = [
  'endpoint',
  'userPoolId',
  'clientId',
  'accessKeyId',
  'secretAccessKey',
  'password',
  'newPassword',
  'app',
  'askUser',
  'console',
];

let house: House;
beforeAll(async () => {
  house = await openHouse();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'given.ts'), given);
  for (const [at, { code }] of examples.entries()) {
    const names = NAMES.filter(
      (name) => new RegExp(`\\b${name}\\b`).test(code) && !new RegExp(`const ${name} =`).test(code),
    );
    writeFileSync(
      join(folder, `${at}.ts`),
      `import { ${names.join(', ')} } from './given.ts';\n${code}\nexport {};\n`,
    );
  }
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await house?.[Symbol.asyncDispose]();
});

/** What an example prints, for a user alice of a new pool. */
async function run(at: number): Promise<string> {
  const userPoolId = await house.createPool();
  const { ClientId: clientId } = await house.createClient(userPoolId);
  await house.createUser(userPoolId, 'alice');
  const printed: string[] = [];
  const log = (...shown: unknown[]) =>
    printed.push(shown.map((one) => (typeof one === 'string' ? one : inspect(one))).join(' '));
  const askUser = () => house.code('alice@example.com');
  const facts = {
    endpoint: house.url,
    userPoolId,
    clientId,
    password: PASSWORD,
    newPassword: NEW_PASSWORD,
    askUser,
    log,
  };
  Object.assign(globalThis, { given: facts });
  const fresh = `?${userPoolId}`;
  const code = readFileSync(join(folder, `${at}.ts`), 'utf8').replace('./given.ts', `./given.ts${fresh}`);
  writeFileSync(join(folder, `run-${at}.ts`), code);
  await import(/* @vite-ignore */ pathToFileURL(join(folder, `run-${at}.ts`)).href + fresh);
  return printed.join('\n');
}

test('there are examples, and their types hold', () => {
  expect(examples.length).toBeGreaterThan(7);
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { noUnusedLocals: false },
    include: [folder],
    exclude: [],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const said = () =>
    execFileSync(process.execPath, [tsc, '--project', folder], { cwd: root, encoding: 'utf8' });
  expect(said).not.toThrow();
});

/** What some of them must print; the others must only end well. */
const prints: Readonly<Record<string, RegExp>> = {
  'A forgotten password': /^Look at a\*{3}@e\*{3}\nSIGNED_IN$/,
  Operations: /^200 a\*{3}@e\*{3}$/,
  Errors: /does not exist/,
  'Requests are values':
    /^true\n\{ EncodedData: '\*{3}' \}\n\{ ClientId: '\*{3}', Username: '\*{3}', SecretHash: '\*{3}' \}$/,
  'On a server': /^CONFIRMED \d{4}$/,
};

test.each(examples.map(({ title }, at) => [title, at] as const))('%s', async (title, at) => {
  expect(await run(at)).toMatch(prints[title] ?? /^/);
});
