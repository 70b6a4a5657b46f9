import { deepStrictEqual } from 'node:assert/strict';
import { format, inspect } from 'node:util';
import { operations, type Shape, shapes } from '@poolkeeper/model';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import * as specs from '../../packages/client/src/generated/specs.ts';
import * as client from '../../packages/client/src/index.ts';
import {
  confirmForgotPassword,
  equals,
  type ForgotPasswordRequest,
  forgotPassword,
  initiateAuth,
  newConfirmForgotPassword,
  newForgotPassword,
  newSetUICustomization,
  SetUICustomizationRequest,
  SignUpRequest,
} from '../../packages/client/src/index.ts';
import { requestValue, type Spec } from '../../packages/client/src/value.ts';
import { ofOperation, operationNames } from '../support/model-arbitraries.ts';

type Make = (...required: unknown[]) => object;
const makers = client as unknown as Record<string, Make>;
const specOf = (name: string | null) => (specs as unknown as Record<string, Spec>)[name ?? ''];

const endpoint = 'https://pool.example';
const PASSWORD = 'Secr3t!of-alice';
const confirm = () => newConfirmForgotPassword('1client', 'alice', '123456', PASSWORD);

function inputOf(name: keyof typeof operations) {
  const shape = shapes[operations[name].input ?? ''];
  if (shape?.type !== 'structure') throw new Error(`${name} has no input.`);
  return shape;
}

/** The texts within a value that the model calls sensitive. */
function secretsIn(value: unknown, shape: Shape | undefined, inside = false): string[] {
  const sensitive = inside || shape?.sensitive === true;
  if (value === undefined || shape === undefined) return [];
  if (shape.type === 'structure') {
    const members = value as Record<string, unknown>;
    return Object.entries(shape.members).flatMap(([name, target]) =>
      secretsIn(members[name], shapes[target], sensitive),
    );
  }
  if (shape.type === 'list')
    return (value as unknown[]).flatMap((item) => secretsIn(item, shapes[shape.member], sensitive));
  if (shape.type === 'map') {
    return Object.values(value as object).flatMap((item) => secretsIn(item, shapes[shape.value], sensitive));
  }
  return sensitive && typeof value === 'string' ? [value] : [];
}

function expectFrozen(value: unknown): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  expect(Object.isFrozen(value)).toBe(true);
  for (const item of Object.values(value)) expectFrozen(item);
}

/** Everything that prints a value. */
const prints = (value: unknown) =>
  [
    inspect(value),
    inspect(value, { depth: null, showHidden: true, getters: true }),
    JSON.stringify(value),
    JSON.stringify({ deep: [value] }),
    format('%s %o %O %j', value, value, value, value),
    String(value),
  ].join('\n');

describe('newForgotPassword', () => {
  test('has its required members, and optional ones are absent', () => {
    const request = newForgotPassword('1client', 'alice');
    expect(request).toEqual({ ClientId: '1client', Username: 'alice' });
    expect(Object.keys(request)).toEqual(['ClientId', 'Username']);
    expectTypeOf(request).toEqualTypeOf<ForgotPasswordRequest>();
  });

  test('cannot be changed, not even by who ignores the types', () => {
    const request = newForgotPassword('1client', 'alice');
    // @ts-expect-error: it is read-only
    expect(() => (request.Username = 'bob')).toThrow(TypeError);
    // @ts-expect-error: both are required
    expect(() => newForgotPassword('1client')).not.toThrow();
  });
});

test.each(operationNames)('new%s takes the required members in the order of the model', (name) => {
  const { members, required = [] } = inputOf(name);
  const needed = Object.keys(members).filter((member) => required.includes(member));
  const make = makers[`new${name}`] as Make;
  expect(make).toHaveLength(needed.length);
  const values = needed.map((member) => `value of ${member}`);
  const request = make(...values);
  expect(request).toEqual(Object.fromEntries(needed.map((member, at) => [member, values[at]])));
  expectFrozen(request);
});

test.each(operationNames)('what is sensitive in a request of %s is in it, and does not print', (name) => {
  const shape = inputOf(name);
  fc.assert(
    fc.property(ofOperation(name, 'input'), (plain) => {
      // Each text is made one of a kind, so that it is found only where it is.
      let texts = 0;
      const unique = (_: string, value: unknown) =>
        typeof value === 'string' ? `<${++texts}>${value}` : value;
      const marked = JSON.parse(JSON.stringify(plain), unique);
      const request = requestValue(marked, specOf(operations[name].input));
      expectFrozen(request);
      expect(request).toEqual(marked);
      expect({ ...request }).toEqual(marked);
      const printed = prints(request);
      for (const secret of secretsIn(marked, shape))
        expect(printed).not.toContain(secret.slice(0, secret.indexOf('>') + 1));
    }),
    { numRuns: 10 },
  );
});

describe('a request with a password', () => {
  test('prints stars in its place', () => {
    expect(JSON.parse(JSON.stringify(confirm()))).toEqual({
      ClientId: '***',
      Username: '***',
      ConfirmationCode: '123456',
      Password: '***',
    });
    expect(inspect(confirm())).toContain("Password: '***'");
  });

  test('sends it, and has it for whoever reads, spreads or clones it', async () => {
    const bodies: unknown[] = [];
    const fetch: typeof globalThis.fetch = async (_, init) => {
      bodies.push(JSON.parse(String(init?.body)));
      return new Response('{}');
    };
    await confirmForgotPassword({ endpoint, fetch }, confirm());
    const plain = { ClientId: '1client', Username: 'alice', ConfirmationCode: '123456', Password: PASSWORD };
    expect(bodies).toEqual([plain]);
    expect(confirm().Password).toBe(PASSWORD);
    expect(structuredClone({ ...confirm() })).toEqual(plain);
  });

  test('is not within the errors of its call', async () => {
    const refused = async () =>
      new Response('{"__type":"InvalidPasswordException","message":"No."}', { status: 400 });
    const broken = async () => {
      throw new TypeError('fetch failed');
    };
    for (const fetch of [refused, broken, () => new Promise<Response>(() => {})]) {
      const stop = AbortSignal.timeout(20);
      const error = await confirmForgotPassword({ endpoint, fetch }, confirm(), { signal: stop }).catch(
        (error) => error,
      );
      expect(error).toBeInstanceOf(Error);
      for (const secret of [PASSWORD, 'alice']) expect(prints(error)).not.toContain(secret);
    }
  });
});

test('tokens of an answer do not print, and are there for JSON', async () => {
  const tokens = {
    AccessToken: 'access-token',
    IdToken: 'id-token',
    RefreshToken: 'refresh-token',
    ExpiresIn: 3600,
  };
  const fetch = async () => new Response(JSON.stringify({ AuthenticationResult: tokens, Session: null }));
  const answer = await initiateAuth({ endpoint, fetch }, { AuthFlow: 'USER_PASSWORD_AUTH', ClientId: 'c' });
  expectFrozen(answer);
  expect(answer).toEqual({ AuthenticationResult: tokens, httpStatus: 200 });
  expect(JSON.parse(JSON.stringify(answer.AuthenticationResult))).toEqual(tokens);
  expect(inspect(answer, { depth: null, showHidden: true, getters: true })).not.toMatch(
    /(?:access|id|refresh)-token/,
  );
});

test('an answer cannot speak for the transport', async () => {
  const fetch = async () =>
    new Response('{"httpStatus":500,"requestId":"theirs"}', { headers: { 'x-amzn-requestid': 'r' } });
  expect(await forgotPassword({ endpoint, fetch }, newForgotPassword('c', 'a'))).toMatchObject({
    httpStatus: 200,
    requestId: 'r',
  });
});

describe('equality', () => {
  test('is by value: for equals, for Node and for deep-equality of any kind', () => {
    expect(equals(confirm(), confirm())).toBe(true);
    expect(equals(confirm(), { ...confirm() })).toBe(true);
    expect(equals(confirm(), { ...confirm(), Password: 'other' })).toBe(false);
    expect(equals(confirm(), { ...confirm(), SecretHash: undefined })).toBe(true);
    deepStrictEqual({ ...confirm() }, { ...confirm() });
    expect({ ...confirm() }).toStrictEqual({ ...confirm() });
    expect(confirm()).not.toEqual({ ...confirm(), Password: 'other' });
  });

  test('is reflexive and symmetric, and whatever the order of members', () => {
    const same = (one: unknown, other: unknown) => equals(one, other) && equals(other, one);
    fc.assert(
      fc.property(
        ofOperation('CreateUserPool', 'input'),
        ofOperation('CreateUserPool', 'input'),
        (one, other) => {
          expect(same(one, Object.fromEntries(Object.entries(one).reverse()))).toBe(true);
          expect(equals(one, other)).toBe(equals(other, one));
        },
      ),
      { numRuns: 40 },
    );
    expect(same([1, 2], [2, 1])).toBe(false);
    expect(same([], {})).toBe(false);
    expect(same(new Date(5), new Date(5))).toBe(true);
    expect(same(new Date(5), new Date(6))).toBe(false);
    expect(same(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(same(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(same({ a: 1 }, { toString: 1 })).toBe(false);
  });
});

describe('what is odd', () => {
  test('bytes are given out as copies', () => {
    const request = SetUICustomizationRequest.ImageFile.set(Uint8Array.of(1, 2, 3))(
      newSetUICustomization('us-east-1_x'),
    );
    request.ImageFile?.fill(9);
    expect(request.ImageFile).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('names of JavaScript itself are names like others', () => {
    const ClientMetadata = JSON.parse('{"__proto__":"a","constructor":"b","*":"c"}');
    const request = SignUpRequest.ClientMetadata.set(ClientMetadata)(client.newSignUp('c', 'alice'));
    expect(Object.entries(request.ClientMetadata ?? {})).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['*', 'c'],
    ]);
  });
});
