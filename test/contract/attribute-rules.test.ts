import {
  AdminCreateUserCommand,
  AdminUpdateUserAttributesCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, account } from '../support/account-calls.ts';
import { attributeList, numberAttribute as number, textAttribute as text } from '../support/attributes.ts';
import { type House, NEW_PASSWORD, openHouse, PASSWORD, raw } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';

// What a value may be, by the pool's schema. The limits are documented; of the texts, those marked [Q] were met on AWS.

const INVALID = 'InvalidParameterException: ';

let house: House;
let pool: string;
let ClientId: string;
let count = 0;
let user: Account;

beforeAll(async () => {
  house = await openHouse();
  pool = await house.createPool({
    Schema: [
      text('tier', '2', '4'),
      number('level', { MinValue: '-1', MaxValue: '9' }),
      number('any'),
      { Name: 'member', AttributeDataType: 'Boolean', Mutable: true },
      { Name: 'since', AttributeDataType: 'DateTime', Mutable: true },
      { Name: 'free', AttributeDataType: 'String', Mutable: true },
      { Name: 'badge', AttributeDataType: 'String', Mutable: false },
      { ...text('family_name', '1', '10'), Mutable: true },
    ],
  });
  ({ ClientId } = await house.createClient(pool));
});
afterAll(() => house[Symbol.asyncDispose]());

const create = (UserPoolId: string, Username: string, values: Record<string, string>) =>
  house.sdk.send(
    new AdminCreateUserCommand({
      UserPoolId,
      Username,
      MessageAction: 'SUPPRESS',
      TemporaryPassword: PASSWORD,
      UserAttributes: attributeList(values),
    }),
  );

const accepted: [attribute: string, ...values: string[]][] = [
  ['custom:tier', 'ab', 'abcd'],
  ['custom:level', '-1', '9', '0', '8.5'],
  ['custom:any', '0', '-999999999999999', '999999999999999', '0.000001'],
  ['custom:member', 'true', 'false'],
  ['custom:since', '2026-01-31', '2026-01-31T23:59:59Z', '2024-02-29T10:00:00.123+02:00'],
  ['custom:free', 'x', 'x'.repeat(2048)],
  ['name', 'Ann', 'Ånn Ø. 李', 'x'.repeat(2048)],
  ['family_name', 'x', 'x'.repeat(10)],
  ['birthdate', '1970-01-31'],
  ['updated_at', '0', '1700000000'],
  ['email', 'a+b@example.com'],
  ['phone_number', '+14325551212'],
];

const refused: [attribute: string, problem: string, ...values: string[]][] = [
  ['custom:tier', 'String must be no shorter than 2 characters', 'a'],
  ['custom:tier', 'String must be no longer than 4 characters', 'abcde'],
  ['custom:level', 'Number must be no less than -1', '-2', '-1.5'],
  ['custom:level', 'Number must be no greater than 9', '10', '9.1'],
  ['custom:level', 'Number is not valid', 'high', '1e3', '0x9', 'NaN', 'Infinity', ' 1', '１'],
  ['custom:any', 'Number is not valid', '9'.repeat(400)],
  ['custom:member', 'Boolean must be true or false', 'yes', '1', 'truely'],
  [
    'custom:since',
    'DateTime is not valid',
    'yesterday',
    '1',
    '2026-02-30',
    '2026-13-01',
    '2026-01-01T25:00:00Z',
  ],
  ['family_name', 'String must be no longer than 10 characters', 'x'.repeat(11)],
  ['birthdate', 'String must be no shorter than 10 characters', '1.1.1970'],
  ['birthdate', 'String must be no longer than 10 characters', '1970-01-311'],
  ['updated_at', 'Number must be no less than 0', '-1'],
  ['updated_at', 'Number is not valid', 'now'],
];
const each = <Row extends string[]>(rows: [string, ...Row][], from: number) =>
  rows.flatMap((row) => row.slice(from).map((value) => [row[0], value.slice(0, 40), row[1], value] as const));

describe('a value', () => {
  beforeAll(async () => {
    await house.createUser(pool, 'valued', []);
    user = await account(house, ClientId, 'valued');
  });

  it.each(each(accepted, 1))('of %s may be %s', async (attribute, _, __, value) => {
    await user.update({ [attribute]: value });
    expect((await user.attributes())[attribute]).toBe(value);
    count += 1;
    await create(pool, `created-${count}`, { [attribute]: value });
  });

  it.each(each(refused, 2))('of %s may not be %s: %s', async (attribute, _, problem, value) => {
    const before = await user.attributes();
    expect(await refusal(user.update({ [attribute]: value, name: 'changed' }))).toBe(
      `${INVALID}user.${attribute}: ${problem}\n`,
    );
    expect(await user.attributes()).toEqual(before);
    const atCreation = `${INVALID}Attributes did not conform to the schema: ${attribute}: ${problem}\n`;
    count += 1;
    expect(await refusal(create(pool, `refused-${count}`, { [attribute]: value }))).toBe(atCreation);
    const signUp = new SignUpCommand({
      ClientId,
      Username: `refused-${count}`,
      Password: PASSWORD,
      UserAttributes: attributeList({ [attribute]: value }),
    });
    expect(await refusal(house.sdk.send(signUp))).toBe(atCreation);
  });

  it.each([
    [
      'email',
      'Invalid email address format.',
      ['a', 'a@', '@b.c', 'a b@c.d', `${'a'.repeat(65)}@b.c`, 'a@.c'],
    ],
    ['phone_number', 'Invalid phone number format.', ['0123', '+0123', '+1 432', '+1432555121234567', '+']],
  ])('of %s is an address', async (attribute, problem, values) => {
    for (const value of values)
      expect(await refusal(user.update({ [attribute]: value }))).toBe(`${INVALID}${problem}`);
  });

  it('of 2049 characters is refused before the schema is looked at', async () => {
    expect(await refusal(user.update({ name: 'x'.repeat(2049) }))).toMatch(
      /^InvalidParameterException: 1 validation error detected: Value at 'userAttributes\.1\.member\.value' failed to satisfy constraint: Member must have length less than or equal to 2048/,
    );
  });

  it('that is null is no deletion [Q]', async () => {
    await user.update({ name: 'Ann' });
    const UserAttributes = [{ Name: 'name', Value: null }];
    const { json } = await raw(house.url, 'AdminUpdateUserAttributes', {
      UserPoolId: pool,
      Username: 'valued',
      UserAttributes,
    });
    expect(json).toMatchObject({ message: 'Attribute value for name must not be null' });
    expect(await user.attributes()).toMatchObject({ name: 'Ann' });
  });

  it('is not lost to other changes at the same time', async () => {
    const names = ['name', 'nickname', 'zoneinfo', 'locale', 'website', 'profile', 'picture', 'gender'];
    // Several times over, for the connections of the first round open one after the other.
    for (let round = 0; round < 4; round += 1) {
      const expected = Object.fromEntries(names.map((attribute) => [attribute, `${attribute} ${round}`]));
      await Promise.all(
        Object.entries(expected).map(([attribute, value]) => user.update({ [attribute]: value })),
      );
      expect(await user.attributes()).toMatchObject(expected);
    }
  });

  it('of true in any letters is true', async () => {
    await user.update({ 'custom:member': 'TRUE' });
    expect(await user.attributes()).toMatchObject({ 'custom:member': 'true' });
  });
});

describe('attributes that a pool does not have', () => {
  it('are named in the words of a creation, and of a change [Q]', async () => {
    await house.createUser(pool, 'stranger', []);
    const stranger = await account(house, ClientId, 'stranger');
    for (const attribute of [
      'custom:no',
      'phonenumber',
      'constructor',
      '__proto__',
      'dev:custom:x',
      'Email',
    ]) {
      expect(await refusal(create(pool, 'never', { [attribute]: 'x' }))).toBe(
        `${INVALID}Attributes did not conform to the schema: Type for attribute {${attribute}} could not be determined`,
      );
      for (const call of [() => stranger.update({ [attribute]: 'x' }), () => stranger.remove(attribute)]) {
        expect(await refusal(call())).toBe(
          `${INVALID}user.${attribute}: Attribute does not exist in the schema.\n`,
        );
      }
    }
  });
});

describe('what is required', () => {
  let strict: string;
  let app: { ClientId: string };
  beforeAll(async () => {
    strict = await house.createPool({
      Schema: [
        { Name: 'given_name', Required: true, Mutable: true },
        { Name: 'family_name', Required: true, Mutable: true },
        { Name: 'nickname', Required: true, Mutable: false },
      ],
    });
    app = await house.createClient(strict);
  });

  it('is listed whole, a line each, when a sign-up lacks it [Q]', async () => {
    const signUp = new SignUpCommand({
      ClientId: app.ClientId,
      Username: 'lacking',
      Password: PASSWORD,
      UserAttributes: attributeList({ family_name: '' }),
    });
    expect(await refusal(house.sdk.send(signUp))).toBe(
      `${INVALID}Attributes did not conform to the schema: given_name: The attribute is required\nfamily_name: The attribute is required\nnickname: The attribute is required\n`,
    );
  });

  it('may be lacking when an administrator creates the user, who is then asked for it, even if immutable', async () => {
    await create(strict, 'invited', { given_name: 'Ann' });
    const start = async () =>
      (
        await raw(house.url, 'InitiateAuth', {
          ClientId: app.ClientId,
          AuthFlow: 'USER_PASSWORD_AUTH',
          AuthParameters: { USERNAME: 'invited', PASSWORD },
        })
      ).json;
    const answer = (Session: string, given: Record<string, string>) =>
      house.sdk.send(
        new RespondToAuthChallengeCommand({
          ClientId: app.ClientId,
          ChallengeName: 'NEW_PASSWORD_REQUIRED',
          Session,
          ChallengeResponses: { USERNAME: 'invited', NEW_PASSWORD, ...given },
        }),
      );
    const { Session, ChallengeParameters } = await start();
    expect(JSON.parse(ChallengeParameters.requiredAttributes)).toEqual([
      'userAttributes.family_name',
      'userAttributes.nickname',
    ]);
    const family = { 'userAttributes.family_name': 'Other' };
    expect(await refusal(answer(Session, family))).toBe(
      `${INVALID}Invalid attributes given, nickname is missing`,
    );
    await answer(Session, { ...family, 'userAttributes.nickname': 'ann' });
  });

  it('is not emptied later', async () => {
    await house.createUser(
      strict,
      'full',
      attributeList({ given_name: 'Ann', family_name: 'Other', nickname: 'ann' }),
    );
    const full = await account(house, app.ClientId, 'full');
    for (const call of [() => full.update({ given_name: '' }), () => full.remove('given_name')])
      expect(await refusal(call())).toBe(`${INVALID}user.given_name: The attribute is required\n`);
  });
});

describe('what is immutable', () => {
  const IMMUTABLE = `${INVALID}user.custom:badge: Attribute cannot be updated.\n`;

  it('is set when the user is created, and by no later request: not the same, not the first [Q]', async () => {
    await house.createUser(pool, 'badged', attributeList({ 'custom:badge': '7' }));
    await house.createUser(pool, 'bare', []);
    for (const name of ['badged', 'bare']) {
      const owner = await account(house, ClientId, name);
      const before = await owner.attributes();
      const UserAttributes = attributeList({ 'custom:badge': '7' });
      const admin = new AdminUpdateUserAttributesCommand({
        UserPoolId: pool,
        Username: name,
        UserAttributes,
      });
      for (const call of [
        () => owner.update({ 'custom:badge': '8' }),
        () => owner.update({ 'custom:badge': '7' }),
        () => owner.update({ 'custom:badge': '' }),
        () => owner.remove('custom:badge'),
        () => house.sdk.send(admin),
      ])
        expect(await refusal(call())).toBe(IMMUTABLE);
      expect(await owner.attributes()).toEqual(before);
    }
  });

  it('counts the sub, for everybody [Q]', async () => {
    const UserAttributes = attributeList({ sub: 'x' });
    const admin = new AdminUpdateUserAttributesCommand({
      UserPoolId: pool,
      Username: 'bare',
      UserAttributes,
    });
    for (const call of [() => house.sdk.send(admin), () => create(pool, 'never', { sub: 'x' })])
      expect(await refusal(call())).toBe(`${INVALID}Cannot modify the non-mutable attribute sub`);
  });
});
