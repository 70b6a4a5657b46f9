import { operations as model, type OperationName, shapes } from '@poolkeeper/model';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, unsupported } from '../../packages/server/src/operations/index.ts';
import { type House, openHouse, PASSWORD, raw } from '../support/house.ts';
import { signIn } from '../support/sign-in.ts';

/** Inputs made of the model's own shapes, each value now fitting, now hostile. Whatever comes, the answer is typed. */
const RUNS = 60;

let house: House;
let fitting: Record<string, fc.Arbitrary<unknown>>;
beforeAll(async () => {
  house = await openHouse();
  const poolId = await house.createPool({ AliasAttributes: ['email', 'preferred_username'] });
  const { ClientId } = await house.createClient(poolId, { PreventUserExistenceErrors: 'ENABLED' });
  await house.operator(`pools/${poolId}/settings`, {
    method: 'PUT',
    json: { recovery: { attemptsPerHour: 0 } },
  });
  await house.createUser(poolId, 'ann');
  const { AccessToken, RefreshToken } = await signIn(house, ClientId, 'ann');
  const name = fc.constantFrom('ann', 'bob', 'ann@example.com', 'toString', '__proto__', 'a\u0000b', '𝒶nn');
  fitting = {
    UserPoolId: fc.constant(poolId),
    ClientId: fc.constant(ClientId),
    Username: name,
    Password: fc.constantFrom(PASSWORD, 'weak'),
    ProposedPassword: fc.constant(PASSWORD),
    AccessToken: fc.constantFrom(AccessToken, `${AccessToken}x`, 'a.b.c'),
    RefreshToken: fc.constantFrom(RefreshToken, `${RefreshToken}x`),
    AuthParameters: fc.record(
      { USERNAME: name, PASSWORD: hostileText, SRP_A: hostileText },
      { requiredKeys: [] },
    ),
    ChallengeResponses: fc.record(
      { USERNAME: name, PASSWORD_CLAIM_SECRET_BLOCK: hostileText, NEW_PASSWORD: hostileText },
      { requiredKeys: [] },
    ),
  };
});
afterAll(() => house[Symbol.asyncDispose]());

const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    'constructor',
    '{####}'.repeat(50),
    "' or 1=1 --",
    '%00%0d%0aX: y',
    '\r\nSet-Cookie: a=b',
    '\ud800',
    'custom:x',
    'email',
    'A'.repeat(3000),
  ),
);
const anything = fc.oneof(
  hostileText,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constant([]),
  fc.constant({}),
);

/** A value of a shape; `member` is the name it stands under. */
function arbitraryOf(shapeName: string, member: string): fc.Arbitrary<unknown> {
  const shape = shapes[shapeName];
  if (shape === undefined) return anything;
  const known = fitting[member];
  const own = ((): fc.Arbitrary<unknown> => {
    switch (shape.type) {
      case 'structure': {
        const members = Object.entries(shape.members).map(
          ([name, of]) => [name, arbitraryOf(of, name)] as const,
        );
        return fc.record(Object.fromEntries(members), { requiredKeys: [...(shape.required ?? [])] });
      }
      case 'list':
        return fc.array(arbitraryOf(shape.member, ''), { maxLength: 4 });
      case 'map':
        return fc.dictionary(hostileText, arbitraryOf(shape.value, ''), { maxKeys: 3 });
      case 'string':
        return shape.enum ? fc.constantFrom(...shape.enum) : hostileText;
      case 'integer':
      case 'long':
        return fc.integer({ min: -10, max: 100_000 });
      case 'boolean':
        return fc.boolean();
      case 'timestamp':
        return fc.double();
      default:
        return hostileText;
    }
  })();
  const arbitrary = { weight: 1, arbitrary: anything };
  return known === undefined
    ? fc.oneof({ weight: 12, arbitrary: own }, arbitrary)
    : fc.oneof({ weight: 12, arbitrary: known }, { weight: 2, arbitrary: own }, arbitrary);
}

// Those that would take the pool, the client, the user or the tokens away from all the others go last.
const destructive = /^(?:Delete|AdminDelete|AdminDisable|AdminUserGlobal|GlobalSignOut|Revoke)/;
const supported = (Object.keys(operations) as OperationName[])
  .filter((name) => !unsupported.has(name))
  .sort((a, b) => Number(destructive.test(a)) - Number(destructive.test(b)));

describe('whatever is sent, the answer is typed, and none is an internal error', () => {
  it.each(supported)('%s', { timeout: 120_000 }, async (operation) => {
    const input = model[operation].input;
    if (input === null) throw new Error(`${operation} has no input.`);
    await fc.assert(
      fc.asyncProperty(arbitraryOf(input, ''), async (body) => {
        const answer = await raw(house.url, operation, JSON.stringify(body));
        expect([200, 400]).toContain(answer.status);
        expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
        if (answer.status === 200) return;
        expect(answer.json.__type).toMatch(/^[A-Z]\w+(?:Exception|Error)$/);
        expect(typeof answer.json.message).toBe('string');
        expect(answer.headers.get('x-amzn-errortype')).toBe(`${answer.json.__type}:`);
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });
});
