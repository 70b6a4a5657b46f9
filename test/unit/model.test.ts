import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { isOperationName, operations, shapes } from '@poolkeeper/model';
import { expect, test } from 'vitest';

test('the committed model is what the facts say', () => {
  const generator = join(import.meta.dirname, '../../packages/model/generate.ts');
  const said = execFileSync(process.execPath, [generator, '--check'], { encoding: 'utf8' });
  expect(said).toMatch(/^packages\/model\/src\/generated is what its generator writes: 140 operations/);
});

test('140 operations, 35 of them unsigned', () => {
  const auth = Object.values(operations).map((operation) => operation.auth);
  expect(auth.filter((kind) => kind === 'none')).toHaveLength(35);
  expect(auth.filter((kind) => kind === 'sigv4')).toHaveLength(105);
});

test('every name of a shape leads to a shape', () => {
  const named = [
    ...Object.values(operations).flatMap(({ input, output }) => [input, output]),
    ...Object.values(shapes).flatMap((shape) => {
      if (shape.type === 'structure') return Object.values(shape.members);
      if (shape.type === 'list') return [shape.member];
      return shape.type === 'map' ? [shape.key, shape.value] : [];
    }),
  ];
  expect(named.filter((name) => name !== null && !Object.hasOwn(shapes, name))).toEqual([]);
});

test('an operation is known by its exact name', () => {
  expect(isOperationName('ForgotPassword')).toBe(true);
  expect(isOperationName('forgotPassword')).toBe(false);
  expect(isOperationName('constructor')).toBe(false);
});

test('the password pattern is the one the service prints', () => {
  expect(shapes.PasswordType).toMatchObject({ pattern: '^[\\S]+.*[\\S]+$', max: 256, sensitive: true });
});
