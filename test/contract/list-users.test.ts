import {
  AdminConfirmSignUpCommand,
  AdminCreateUserCommand,
  AdminDeleteUserAttributesCommand,
  AdminDisableUserCommand,
  AdminUpdateUserAttributesCommand,
  ListUsersCommand,
  type ListUsersCommandInput,
  SignUpCommand,
  type UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, openHouse, PASSWORD, raw } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';

let house: House;
let pool: string;

const people: Record<string, Record<string, string>> = {
  ann: { email: 'ann@example.com', given_name: 'Ann', family_name: 'Lee', name: 'Ann "The Fan" Lee' },
  anna: { email: 'anna@example.com', given_name: 'Anna', family_name: 'Lee', phone_number: '+15550100' },
  bert: { email: 'bert@example.org', given_name: 'Bert', name: 'Back\\slash', preferred_username: 'bertie' },
  zoé: { email: 'zoe@example.org', given_name: 'Zoé', name: '100%_sure', phone_number: '+15550101' },
};

beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool();
  for (const [name, attributes] of Object.entries(people)) await create(pool, name, attributes);
});
afterAll(() => house[Symbol.asyncDispose]());

const create = (UserPoolId: string, Username: string, attributes: Record<string, string> = {}) =>
  house.sdk.send(
    new AdminCreateUserCommand({
      UserPoolId,
      Username,
      MessageAction: 'SUPPRESS',
      UserAttributes: attributeList(attributes),
    }),
  );
const list = (input: Partial<ListUsersCommandInput> = {}) =>
  house.sdk.send(new ListUsersCommand({ UserPoolId: pool, ...input }));
const names = (users: UserType[] | undefined) => (users ?? []).map(({ Username }) => Username ?? '').sort();
const matching = async (Filter: string, UserPoolId = pool) =>
  names((await list({ Filter, UserPoolId })).Users);

describe('ListUsers', () => {
  it('lists everybody, with what AdminGetUser tells of them', async () => {
    const { Users, PaginationToken } = await list();
    expect(names(Users)).toEqual(['ann', 'anna', 'bert', 'zoé']);
    expect(PaginationToken).toBeUndefined();
    expect(Users?.find(({ Username }) => Username === 'anna')).toEqual({
      Username: 'anna',
      Attributes: attributeList({
        sub: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        ...(people['anna'] as Record<string, string>),
      }),
      UserCreateDate: expect.any(Date),
      UserLastModifiedDate: expect.any(Date),
      Enabled: true,
      UserStatus: 'FORCE_CHANGE_PASSWORD',
    });
  });

  it('shows the attributes that are asked for', async () => {
    const { Users } = await list({ AttributesToGet: ['email', 'phone_number'], Filter: 'username = "bert"' });
    expect(Users?.[0]?.Attributes).toEqual([{ Name: 'email', Value: 'bert@example.org' }]);
    expect(Users?.[0]).toMatchObject({ Username: 'bert', Enabled: true });
  });

  it('refuses to show attributes that no user can have', async () => {
    expect(await refusal(list({ AttributesToGet: ['email', 'custom:nothing'] }))).toBe(
      'InvalidParameterException: One or more requested attributes do not exist.',
    );
  });

  it('says so when the pool does not exist', async () => {
    expect(await refusal(list({ UserPoolId: 'us-east-1_nowhere00' }))).toBe(
      'ResourceNotFoundException: User pool us-east-1_nowhere00 does not exist.',
    );
  });

  it('lists the users of its pool alone', async () => {
    expect((await list({ UserPoolId: await house.createPool() })).Users).toEqual([]);
  });
});

describe('a filter', () => {
  it.each([
    ['username = "ann"', ['ann']],
    ['username ^= "ann"', ['ann', 'anna']],
    ['username ^= "zo"', ['zoé']],
    ['username = "zoé"', ['zoé']],
    ['email = "ann@example.com"', ['ann']],
    ['email ^= "ann"', ['ann', 'anna']],
    ['phone_number = "+15550100"', ['anna']],
    ['phone_number ^= "+1555"', ['anna', 'zoé']],
    ['given_name = "Ann"', ['ann']],
    ['given_name ^= "An"', ['ann', 'anna']],
    ['given_name ^= "Zo"', ['zoé']],
    ['family_name = "Lee"', ['ann', 'anna']],
    ['family_name ^= "L"', ['ann', 'anna']],
    ['preferred_username = "bertie"', ['bert']],
    ['preferred_username ^= "bert"', ['bert']],
    ['name ^= "Ann"', ['ann']],
    ['cognito:user_status = "FORCE_CHANGE_PASSWORD"', ['ann', 'anna', 'bert', 'zoé']],
    ['cognito:user_status = "force_change_password"', ['ann', 'anna', 'bert', 'zoé']],
    ['cognito:user_status ^= "FORCE"', ['ann', 'anna', 'bert', 'zoé']],
    ['cognito:user_status = "CONFIRMED"', []],
    ['status = "Enabled"', ['ann', 'anna', 'bert', 'zoé']],
    ['status = "Disabled"', []],
    ['username = "nobody"', []],
    ['username = "ANN"', []],
    ['email ^= ""', ['ann', 'anna', 'bert', 'zoé']],
  ])('%s', async (filter, expected) => {
    expect(await matching(filter)).toEqual(expected);
  });

  it('by sub', async () => {
    const { Users } = await list({ Filter: 'username = "bert"' });
    const sub = Users?.[0]?.Attributes?.find(({ Name }) => Name === 'sub')?.Value ?? '';
    expect(await matching(`sub = "${sub}"`)).toEqual(['bert']);
    expect(await matching(`sub ^= "${sub.slice(0, 30)}"`)).toEqual(['bert']);
  });

  it('may be written with or without spaces, and with the name in quotation marks', async () => {
    for (const filter of ['username="ann"', '  username  =  "ann"  ', '"username"="ann"', 'username= "ann"'])
      expect(await matching(filter)).toEqual(['ann']);
    expect(await matching('username^="ann"')).toEqual(['ann', 'anna']);
  });

  it('takes quotation marks and backslashes behind a backslash', async () => {
    expect(await matching(String.raw`name = "Ann \"The Fan\" Lee"`)).toEqual(['ann']);
    expect(await matching(String.raw`name ^= "Ann \""`)).toEqual(['ann']);
    expect(await matching(String.raw`name = "Back\\slash"`)).toEqual(['bert']);
  });

  it('knows no wildcards', async () => {
    expect(await matching('name = "100%_sure"')).toEqual(['zoé']);
    for (const value of ['%', '_', '*', '100%%sure', 'a%'])
      expect(await matching(`name = "${value}"`)).toEqual([]);
    expect(await matching('name ^= "%"')).toEqual([]);
    expect(await matching('username ^= "_nn"')).toEqual([]);
  });

  it('that is empty lists everybody', async () => {
    expect(await matching('')).toHaveLength(4);
  });

  it.each([
    'username',
    'username = ann',
    "username = 'ann'",
    'username == "ann"',
    'username != "ann"',
    'username = "ann" and email = "x"',
    'username = "ann',
    'username = "a"nn"',
    'status = "enabled"',
    'status = "x"',
    '= "ann"',
    '"ann"',
  ])('%s is refused', async (filter) => {
    expect(await refusal(list({ Filter: filter }))).toMatch(/^InvalidParameterException: /);
  });

  it.each(['gender', 'custom:x', 'address', 'constructor', '__proto__'])('by %s is refused', async (name) => {
    expect(await refusal(list({ Filter: `${name} = "x"` }))).toMatch(/^InvalidParameterException: /);
  });

  it('ignores the case of a username where the pool does', async () => {
    const folded = await house.createPool({ UsernameConfiguration: { CaseSensitive: false } });
    await create(folded, 'MixedCase');
    expect(await matching('username = "MIXEDcase"', folded)).toEqual(['mixedcase']);
    expect(await matching('username ^= "MIXED"', folded)).toEqual(['mixedcase']);
  });

  it('sees each change of a user at once', async () => {
    const UserPoolId = await house.createPool();
    const { ClientId } = await house.createClient(UserPoolId);
    const whose = { UserPoolId, Username: 'changing' };
    const email = { UserAttributes: attributeList({ email: 'one@example.com' }) };
    await house.sdk.send(new SignUpCommand({ ClientId, Username: 'changing', Password: PASSWORD, ...email }));
    expect(await matching('cognito:user_status = "UNCONFIRMED"', UserPoolId)).toEqual(['changing']);
    await house.sdk.send(new AdminConfirmSignUpCommand(whose));
    expect(await matching('cognito:user_status = "UNCONFIRMED"', UserPoolId)).toEqual([]);
    expect(await matching('cognito:user_status = "CONFIRMED"', UserPoolId)).toEqual(['changing']);
    const changed = { ...whose, UserAttributes: attributeList({ email: 'two@example.com' }) };
    await house.sdk.send(new AdminUpdateUserAttributesCommand(changed));
    expect(await matching('email = "one@example.com"', UserPoolId)).toEqual([]);
    expect(await matching('email = "two@example.com"', UserPoolId)).toEqual(['changing']);
    const gone = { ...whose, UserAttributeNames: ['email'] };
    await house.sdk.send(new AdminDeleteUserAttributesCommand(gone));
    expect(await matching('email ^= ""', UserPoolId)).toEqual([]);
    await house.sdk.send(new AdminDisableUserCommand(whose));
    expect(await matching('status = "Disabled"', UserPoolId)).toEqual(['changing']);
  });
});

describe('pages', () => {
  const COUNT = 203;
  let crowd: string;
  beforeAll(async () => {
    crowd = await house.createPool();
    const name = (index: number) => `user-${String(index).padStart(3, '0')}`;
    for (let from = 0; from < COUNT; from += 20) {
      const batch = Array.from({ length: Math.min(20, COUNT - from) }, (_, index) => name(from + index));
      await Promise.all(batch.map((user) => create(crowd, user, { family_name: `Family ${user.at(-1)}` })));
    }
    const disabled = Array.from({ length: 30 }, (_, index) => name(index * 6));
    await Promise.all(
      disabled.map((Username) =>
        house.sdk.send(new AdminDisableUserCommand({ UserPoolId: crowd, Username })),
      ),
    );
  });

  async function pages(input: Partial<ListUsersCommandInput> = {}): Promise<string[][]> {
    const found: string[][] = [];
    let PaginationToken: string | undefined;
    do {
      const page = await list({
        UserPoolId: crowd,
        ...input,
        ...(PaginationToken !== undefined && { PaginationToken }),
      });
      found.push((page.Users ?? []).map(({ Username }) => Username ?? ''));
      PaginationToken = page.PaginationToken;
    } while (PaginationToken !== undefined);
    return found;
  }

  it.each([
    [undefined, 4],
    [0, 4],
    [60, 4],
    [7, 29],
    [29, 7],
  ])('of %s hold everybody once', async (Limit, count) => {
    const found = await pages(Limit === undefined ? {} : { Limit });
    expect(found).toHaveLength(count);
    expect(found.flat()).toHaveLength(COUNT);
    expect(new Set(found.flat()).size).toBe(COUNT);
    for (const page of found.slice(0, -1)) expect(page).toHaveLength(Limit || 60);
  });

  it('hold everybody once under a filter', async () => {
    for (const [Filter, count] of [
      ['username ^= "user-1"', 100],
      ['family_name = "Family 1"', 21],
      ['family_name ^= "Family"', COUNT],
      ['status = "Enabled"', COUNT - 30],
      ['status = "Disabled"', 30],
      ['cognito:user_status ^= "FORCE"', COUNT],
      ['cognito:user_status = "FORCE_CHANGE_PASSWORD"', COUNT],
      ['username = "user-100"', 1],
    ] as const) {
      const found = (await pages({ Filter, Limit: 9 })).flat();
      expect(found).toHaveLength(count);
      expect(new Set(found).size).toBe(count);
    }
  });

  it('do not end with a token when the last one is full', async () => {
    const found = await pages({ Filter: 'family_name = "Family 1"', Limit: 7 });
    expect(found.map((page) => page.length)).toEqual([7, 7, 7]);
  });

  it('are of at most 60', async () => {
    expect(await refusal(list({ Limit: 61 }))).toMatch(/^InvalidParameterException: 1 validation error/);
    expect(await refusal(list({ Limit: -1 }))).toMatch(/^InvalidParameterException: 1 validation error/);
  });

  it.each(['garbage!', 'a', '////', '=', 'A'.repeat(500)])('do not begin at %s', async (PaginationToken) => {
    expect(await refusal(list({ PaginationToken }))).toMatch(/^InvalidParameterException: /);
  });
});

describe('whatever is sent', () => {
  const hostile = fc.oneof(
    fc.string({ maxLength: 256, unit: 'binary' }),
    fc.string({ maxLength: 200, unit: 'grapheme' }).map((text) => `username = "${text}"`),
    fc
      .tuple(
        fc.constantFrom('username', 'email', 'sub', 'status', 'cognito:user_status', 'name', '__proto__'),
        fc.constantFrom('=', '^=', ' = ', '==', 'LIKE'),
        fc.string({ maxLength: 100, unit: 'binary' }),
      )
      .map(([name, operator, text]) => `${name}${operator}"${text}"`),
    fc.constantFrom(
      `username = "${'\\'.repeat(200)}"`,
      `username = "${'"'.repeat(200)}`,
      `${' '.repeat(250)}x`,
      `username = "'; DROP TABLE users; --"`,
      `username = "\u0000"`,
      `username ^= "\u{10FFFF}"`,
      `username ^= "\uD800"`,
    ),
  );

  it('as a filter, it is answered or refused, and never an internal error', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (Filter) => {
        const { status, json } = await raw(house.url, 'ListUsers', { UserPoolId: pool, Filter });
        expect([200, 400]).toContain(status);
        if (status === 400) expect(json.__type).toMatch(/^(?:InvalidParameter|Serialization)Exception$/);
      }),
      { numRuns: 500 },
    );
    expect((await list()).Users).toHaveLength(4);
  });

  it('as a page token, it is answered or refused, and never an internal error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 300, unit: 'binary' }), async (PaginationToken) => {
        const { status } = await raw(house.url, 'ListUsers', { UserPoolId: pool, PaginationToken });
        expect([200, 400]).toContain(status);
      }),
      { numRuns: 200 },
    );
  });
});
