import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { checkImports, lookedAtEverything } from '../../scripts/check-imports.ts';

const trees: string[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true });
});

/** Writes a small repository; paths are from `packages/`. */
function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'imports-'));
  trees.push(root);
  for (const [path, text] of Object.entries({ ...house, ...files })) {
    const file = join(root, 'packages', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return root;
}

/** A house in order, which every tree starts from. */
const house = {
  'model/src/index.ts': `export type { Name } from './names.ts';`,
  'model/src/names.ts': `export type Name = string;`,
  'client/src/index.ts': `import type { Name } from '@poolkeeper/model';\nexport type Client = Name;`,
  'server/src/platform/clock.ts': `import { hrtime } from 'node:process';\nexport const clock = hrtime;`,
  'server/src/storage/users.ts': `import { Kysely } from 'kysely';\nimport { clock } from '../platform/clock.ts';\nexport const users = [Kysely, clock];`,
  'server/src/outbox/outbox.ts': `export { users } from '../storage/users.ts';`,
  'server/src/domain/users.ts': `import { users } from '../storage/users.ts';\nexport const domain = users;`,
  'server/src/operations/operation.ts': `import type { domain } from '../domain/users.ts';\nexport type Operation = typeof domain;`,
  'server/src/operations/recovery/forgot.ts': `import type { Operation } from '../operation.ts';\nexport const forgot = {} as Operation;`,
  'server/src/operations/recovery/confirm.ts': `import type { Operation } from '../operation.ts';\nexport const confirm = {} as Operation;`,
  'server/src/operations/index.ts': `import { forgot } from './recovery/forgot.ts';\nexport const operations = { forgot };`,
  'server/src/wire/endpoint.ts': `import { operations } from '../operations/index.ts';\nimport type { Name } from '@poolkeeper/model';\nexport const endpoint = (name: Name) => [operations, name];`,
  'server/src/http/app.ts': `import Fastify from 'fastify';\nimport { endpoint } from '../wire/endpoint.ts';\nexport const app = [Fastify, endpoint];`,
  'server/src/server.ts': `export { app } from './http/app.ts';`,
  'server/src/main.ts': `import { app } from './server.ts';\nvoid app;`,
};

test('a house in order is acquitted, and every file of it was read', () => {
  const verdict = checkImports(tree({}));
  expect(verdict).toEqual({ filesOnDisk: 15, filesRead: 15, imports: 17, violations: [] });
  expect(lookedAtEverything(verdict)).toBe(true);
});

// biome-ignore format: a rule a line
const planted: [rule: string, file: string, text: string, sentence: RegExp][] = [
  ['a room above', 'server/src/storage/x.ts', `import { domain } from '../domain/users.ts';`, /storage comes before domain/],
  ['a type of a room above', 'server/src/platform/x.ts', `import type { users } from '../storage/users.ts';`, /platform comes before storage/],
  ['the outbox knows no domain', 'server/src/outbox/x.ts', `import '../domain/users.ts';`, /outbox comes before domain/],
  ['a room beside', 'server/src/admin/x.ts', `import { endpoint } from '../wire/endpoint.ts';`, /admin comes beside wire/],
  ['exported onwards', 'server/src/domain/x.ts', `export * from '../wire/endpoint.ts';`, /domain comes before wire/],
  ['names exported onwards', 'server/src/domain/x.ts', `export { app } from '../http/app.ts';`, /domain comes before http/],
  ['imported later', 'server/src/domain/x.ts', `export const late = () => import('../server.ts');`, /domain comes before server/],
  ['a type in place', 'server/src/domain/x.ts', `export type Late = import('../server.ts').Late;`, /domain comes before server/],
  ['behind a comment and over lines', 'server/src/domain/x.ts', `/* import 'x' */ import {\n  app, // 'y'\n} from "../http/app.ts";`, /domain comes before http/],
  ['between operations', 'server/src/operations/recovery/x.ts', `import { forgot } from './forgot.ts';`, /imports the operation/],
  ['an operation from outside', 'server/src/wire/x.ts', `import { forgot } from '../operations/recovery/forgot.ts';`, /imports the operation/],
  ['an unknown room', 'server/src/helpers/x.ts', `import '../platform/clock.ts';`, /in no room/],
  ['kysely', 'server/src/domain/x.ts', `import type { Selectable } from 'kysely';`, /kysely, which belongs in storage/],
  ['node:sqlite', 'server/src/server.ts', `import { DatabaseSync } from 'node:sqlite';`, /node:sqlite, which belongs in storage/],
  ['pg', 'server/src/operations/recovery/x.ts', `const pg = require('pg');`, /pg, which belongs in storage/],
  ['fastify', 'server/src/wire/x.ts', `import type { FastifyInstance } from 'fastify';`, /fastify, which belongs in http/],
  ['nodemailer', 'server/src/domain/delivery/x.ts', `import nodemailer from 'nodemailer';`, /nodemailer, which belongs in domain/],
  ['an SDK', 'server/src/server.ts', `await import('@aws-sdk/client-ses');`, /client-ses, which belongs in domain/],
  ['a library in the model', 'model/src/x.ts', `import { join } from 'node:path';`, /node:path at run time, which packages\/model must not/],
  ['the model at run time', 'client/src/x.ts', `import { type Name } from '@poolkeeper/model';`, /model at run time, which packages\/client must not/],
  ['Node in the client', 'client/src/x.ts', `import { createHash } from 'node:crypto';`, /node:crypto at run time, which packages\/client must not/],
  ['a library in the console', 'console/src/x.ts', `import { html } from 'lit';`, /lit at run time, which packages\/console must not/],
  ['the client', 'server/src/wire/x.ts', `import type { Client } from '@poolkeeper/client';`, /packages\/server must not/],
  ['out of the package', 'console/src/x.ts', `import type { Name } from '../../model/src/names.ts';`, /reaches out of its package/],
  ['a file that is not there', 'server/src/domain/x.ts', `import '../storage/gone.ts';`, /storage\/gone.ts, which is not there/],
  ['a computed name', 'server/src/domain/x.ts', 'export const load = (name: string) => import(name);', /computed name/],
  ['a new package', 'extra/src/x.ts', `import 'kysely';`, /that the rules .* omit/],
];

test.each(planted)('convicts: %s', (_rule, file, text, sentence) => {
  const { violations } = checkImports(tree({ [file]: text }));
  expect(violations).toEqual([expect.stringMatching(sentence)]);
  expect(violations[0]).toMatch(new RegExp(`^packages/${file}:1 `));
});

test('a file that cannot be parsed counts as unread', () => {
  const verdict = checkImports(tree({ 'server/src/domain/x.ts': 'import { from' }));
  expect(verdict).toMatchObject({ filesOnDisk: 16, filesRead: 15 });
  expect(verdict.violations).toEqual([expect.stringMatching(/x\.ts:1 cannot be read/)]);
  expect(lookedAtEverything(verdict)).toBe(false);
});

test('a repository without code proves nothing', () => {
  const root = mkdtempSync(join(tmpdir(), 'imports-'));
  trees.push(root);
  mkdirSync(join(root, 'packages'));
  expect(lookedAtEverything(checkImports(root))).toBe(false);
});
