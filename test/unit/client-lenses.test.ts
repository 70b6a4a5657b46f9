import { inspect } from 'node:util';
import { type Shape, shapes } from '@poolkeeper/model';
import fc from 'fast-check';
import { pipe } from 'fp-ts/function';
import * as monocle from 'monocle-ts/Lens';
import * as optics from 'optics-ts';
import { describe, expect, expectTypeOf, test } from 'vitest';
import * as companions from '../../packages/client/src/generated/lenses.ts';
import {
  equals,
  ForgotPasswordRequest,
  type Lens,
  lens,
  newForgotPassword,
  UserContextDataType,
} from '../../packages/client/src/index.ts';
import { valuesOf } from '../support/model-arbitraries.ts';

type AnyLens = Lens<object, unknown>;
const structures = Object.entries(companions) as [string, Record<string, AnyLens>][];
const request = () => newForgotPassword('1client', 'alice');

function membersOf(name: string): Record<string, string> {
  const shape: Shape | undefined = shapes[name];
  return shape?.type === 'structure' ? { ...shape.members } : {};
}

/** The three laws, for a lens into values of `wholes` whose parts are `parts`. */
function obeysTheLaws(
  one: AnyLens,
  wholes: fc.Arbitrary<unknown>,
  parts: fc.Arbitrary<unknown>,
  numRuns = 6,
): void {
  const property = fc.property(wholes as fc.Arbitrary<object>, parts, parts, (whole, part, other) => {
    expect(equals(one.get(one.set(part)(whole)), part)).toBe(true);
    expect(equals(one.set(one.get(whole))(whole), whole)).toBe(true);
    expect(equals(one.set(other)(one.set(part)(whole)), one.set(other)(whole))).toBe(true);
    expect(equals(one.modify(() => part)(whole), one.set(part)(whole))).toBe(true);
    expect(Object.isFrozen(one.set(part)(whole))).toBe(true);
  });
  fc.assert(property, { numRuns });
}

test.each(structures)('the lenses of %s are one for each member, and lawful', (name, lenses) => {
  const members = membersOf(name);
  expect(Object.keys(lenses)).toEqual(Object.keys(members));
  for (const [member, target] of Object.entries(members)) {
    const required = (shapes[name] as { required?: string[] }).required?.includes(member);
    const part = valuesOf(target, 'input');
    const parts = required ? part : fc.option(part, { nil: undefined });
    obeysTheLaws(lenses[member] as AnyLens, valuesOf(name, 'input'), parts);
  }
});

describe('a lens of an optional member', () => {
  const { SecretHash, UserContextData } = ForgotPasswordRequest;

  test('sets and removes it, and leaves the value that it was given as it is', () => {
    const before = request();
    const after = SecretHash.set('hash')(before);
    expect(after).toEqual({ ...before, SecretHash: 'hash' });
    expect(Object.keys(before)).toEqual(['ClientId', 'Username']);
    expect(Object.keys(SecretHash.set(undefined)(after))).toEqual(['ClientId', 'Username']);
    expectTypeOf(SecretHash.get).returns.toEqualTypeOf<string | undefined>();
  });

  test('makes values that hide what the model calls sensitive, of plain objects too', () => {
    expect(inspect(SecretHash.set('hash')({ ClientId: '1client', Username: 'alice' }))).not.toMatch(
      /hash'|alice/,
    );
  });

  const encoded = UserContextData.or({}).compose(UserContextDataType.EncodedData);

  test('goes on into the member, once it is said what an absent one counts as', () => {
    expect(encoded.get(request())).toBeUndefined();
    expect(encoded.set('e')(request())).toEqual({ ...request(), UserContextData: { EncodedData: 'e' } });
    expect(Object.keys(encoded.set(undefined)(encoded.set('e')(request())))).toEqual([
      'ClientId',
      'Username',
    ]);
    // @ts-expect-error: an absent member has no members
    void (() => UserContextData.compose(UserContextDataType.EncodedData));
  });

  test('with its `or` is lawful where nobody writes down the fallback itself', () => {
    const wholes = valuesOf('ForgotPasswordRequest', 'input').filter(
      (whole) => !equals((whole as ForgotPasswordRequest).UserContextData, {}),
    );
    obeysTheLaws(encoded as unknown as AnyLens, wholes, fc.option(fc.string(), { nil: undefined }), 200);
  });

  test('composes the same from either side', () => {
    const upper = lens<string, string>(
      (text) => text.toUpperCase(),
      (text) => () => text.toLowerCase(),
    );
    const context = UserContextData.or({});
    const { EncodedData } = UserContextDataType;
    const left = context.compose(EncodedData.or('')).compose(upper);
    const right = context.compose(EncodedData.or('').compose(upper));
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        expect(equals(left.set(text)(request()), right.set(text)(request()))).toBe(true);
        expect(left.get(left.set(text)(request()))).toBe(right.get(right.set(text)(request())));
      }),
    );
  });
});

describe('in optics libraries', () => {
  const { Username } = ForgotPasswordRequest;

  test('monocle-ts takes a lens as it is', () => {
    const first = pipe(
      Username,
      monocle.compose(
        monocle.lens(
          (text: string) => text.slice(0, 1),
          (head) => (text) => head + text.slice(1),
        ),
      ),
    );
    expect(pipe(request(), monocle.modify((head: string) => head.toUpperCase())(first)).Username).toBe(
      'Alice',
    );
  });

  test('optics-ts takes its two halves', () => {
    const optic = optics.compose(
      optics.optic<ForgotPasswordRequest>(),
      optics
        .optic<ForgotPasswordRequest>()
        .lens(Username.get, (whole, part: string) => Username.set(part)(whole)),
    );
    expect(optics.set(optic)('bob')(request())).toEqual(Username.set('bob')(request()));
  });
});
