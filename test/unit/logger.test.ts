import { DatabaseError } from 'pg';
import { expect, it } from 'vitest';
import { safeError } from '../../packages/server/src/platform/logger.ts';

const text = (error: unknown) => JSON.stringify(safeError(error));

it('keeps of an error what happened and where', () => {
  const cause = Object.assign(new TypeError('x is not a function'), { code: 'E_INNER' });
  expect(safeError(new Error('The outbox failed.', { cause }))).toEqual({
    type: 'Error',
    message: 'The outbox failed.',
    stack: expect.stringMatching(/^ {4}at .*logger\.test\.ts/),
    cause: { type: 'TypeError', code: 'E_INNER', message: cause.message, stack: expect.any(String) },
  });
});

it('keeps no value that a driver hangs on its errors', () => {
  const unique = Object.assign(
    new DatabaseError('duplicate key value violates unique constraint "users_pkey"', 1, 'error'),
    { code: '23505', detail: 'Key (email)=(ann@example.com) exists.', where: 'ann@', parameters: ['ann@'] },
  );
  expect(text(unique)).toContain('users_pkey');
  expect(text(unique)).not.toContain('ann@');
  const data = new DatabaseError('invalid input syntax for type integer: "ann@example.com"', 1, 'error');
  expect(text(Object.assign(data, { code: '22P02' }))).not.toContain('ann@');
  const smtp = Object.assign(new Error('Message failed'), {
    response: '550 ann@example.com',
    command: 'DATA',
  });
  expect(text(smtp)).not.toContain('ann@');
});

it('keeps no message that quotes what was read', () => {
  try {
    JSON.parse('{"password": hunter2}');
  } catch (error) {
    expect(text(error)).toContain('SyntaxError');
    expect(text(error)).not.toContain('hunter2');
  }
  expect(text('hunter2')).toBe('{"type":"string"}');
});

it('follows causes, though not in circles', () => {
  const error = new Error('round');
  error.cause = error;
  expect(text(error).match(/round/g)?.length).toBeLessThan(10);
});
