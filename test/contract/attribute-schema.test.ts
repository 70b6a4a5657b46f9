import {
  AddCustomAttributesCommand,
  CreateUserPoolCommand,
  DescribeUserPoolCommand,
  type SchemaAttributeType,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { account } from '../support/account-calls.ts';
import { numberAttribute as number, textAttribute as text } from '../support/attributes.ts';
import { type House, openHouse } from '../support/house.ts';
import { refusal } from '../support/refusal.ts';

// Which attributes a pool may have.

const INVALID = 'InvalidParameterException: ';
let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

describe('a schema', () => {
  const define = (...Schema: SchemaAttributeType[]) =>
    house.sdk.send(new CreateUserPoolCommand({ PoolName: 'test', Schema }));

  it.each<[string, SchemaAttributeType[], string]>([
    [
      'a custom attribute without a type [Q]',
      [{ Name: 'x' }],
      'Invalid AttributeDataType input, consider using the provided AttributeDataType enum.',
    ],
    [
      'a required custom attribute',
      [{ Name: 'x', AttributeDataType: 'String', Required: true }],
      'Required custom attributes are not supported currently.',
    ],
    [
      'a developer-only attribute',
      [{ Name: 'x', AttributeDataType: 'String', DeveloperOnlyAttribute: true }],
      'DeveloperOnlyAttribute is not supported by Poolkeeper yet.',
    ],
    [
      'two custom attributes of one name [E]',
      [text('x', '0', '1'), number('x')],
      'x: Existing attribute already has name x.',
    ],
    [
      'a standard attribute twice',
      [{ Name: 'name', Required: true }, { Name: 'name' }],
      'name: Existing attribute already has name name.',
    ],
    [
      'texts of more than 2048 characters [E]',
      [text('x', '0', '2049')],
      'user.custom:x: String attributes cannot have a length of more than 2048',
    ],
    [
      'lengths that none has [E]',
      [text('x', '3', '2')],
      'user.custom:x: Max length cannot be less than min length.',
    ],
    [
      'lengths of a standard attribute that none has [E]',
      [text('name', '3', '2')],
      'user.name: Max length cannot be less than min length.',
    ],
    [
      'numbers that none is [E]',
      [number('x', { MinValue: '2', MaxValue: '1' })],
      'user.custom:x: Max value cannot be less than min value.',
    ],
    [
      'a negative length [E]',
      [text('x', '-1', '2')],
      'Invalid StringAttributeConstraints for schema attribute custom:x',
    ],
    [
      'a length that is no number [E]',
      [text('x', '0', 'x')],
      'Invalid StringAttributeConstraints for schema attribute custom:x',
    ],
    [
      'a bound that is no number [E]',
      [number('x', { MinValue: '1.5' })],
      'Invalid NumberAttributeConstraints for schema attribute custom:x',
    ],
    [
      'another type for a standard attribute [E]',
      [{ Name: 'updated_at', AttributeDataType: 'String' }],
      'You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute updated_at',
    ],
  ])('does not have %s', async (_, attributes, problem) => {
    expect(await refusal(define(...attributes))).toBe(`${INVALID}${problem}`);
  });

  it('takes email_verified for a name of its own, as AWS does [Q: aws-cdk#14175]', async () => {
    const { UserPool } = await define({
      Name: 'email_verified',
      AttributeDataType: 'Boolean',
      Mutable: false,
    });
    const names = UserPool?.SchemaAttributes?.filter(({ Name }) => Name?.endsWith('email_verified'));
    expect(names).toMatchObject([
      { Name: 'email_verified', Mutable: true },
      { Name: 'custom:email_verified', Mutable: false },
    ]);
  });
});

describe('AddCustomAttributes', () => {
  let Id: string;
  beforeEach(async () => {
    Id = await house.createPool();
  });
  const add = (...CustomAttributes: SchemaAttributeType[]) =>
    house.sdk.send(new AddCustomAttributesCommand({ UserPoolId: Id, CustomAttributes }));
  const named = (length: number, prefix: string) =>
    Array.from({ length }, (_, index) => text(`${prefix}${index}`, '0', '9'));
  const custom = async () =>
    (
      await house.sdk.send(new DescribeUserPoolCommand({ UserPoolId: Id }))
    ).UserPool?.SchemaAttributes?.filter(({ Name }) => Name?.startsWith('custom:')).map(({ Name }) => Name);

  it('adds up to 25 at once and 50 in all; one too many adds none', async () => {
    await add(...named(25, 'a'));
    expect(await refusal(add(...named(26, 'b')))).toMatch(
      /^InvalidParameterException: .*less than or equal to 25/,
    );
    await add(...named(24, 'b'));
    expect(await refusal(add(...named(2, 'c')))).toMatch(/at most 50 custom attributes/);
    expect(await custom()).toHaveLength(49);
    await add(...named(1, 'c'));
    expect(await refusal(add(text('d', '0', '1')))).toMatch(/at most 50 custom attributes/);
  });

  it('has names of 1 to 20 characters, each once, in any script', async () => {
    await add(text('x'.repeat(20), '0', '1'), text('Größe', '0', '1'), text('email', '0', '1'));
    expect(await custom()).toEqual([`custom:${'x'.repeat(20)}`, 'custom:Größe', 'custom:email']);
    for (const name of ['x'.repeat(21), '', 'a b', 'a\tb'])
      expect(await refusal(add(text(name, '0', '1')))).toMatch(
        /^InvalidParameterException: .*validation error/,
      );
    expect(await refusal(add(text('new', '0', '1'), text('email', '0', '1')))).toBe(
      `${INVALID}custom:email: Existing attribute already has name custom:email.`,
    );
    expect(await custom()).not.toContain('custom:new');
  });

  it('adds none that is required, or for developers alone', async () => {
    expect(await refusal(add({ ...text('x', '0', '1'), Required: true }))).toBe(
      `${INVALID}Required custom attributes are not supported currently.`,
    );
    expect(await refusal(add({ ...text('x', '0', '1'), DeveloperOnlyAttribute: true }))).toMatch(
      'DeveloperOnlyAttribute is not supported',
    );
    expect(await custom()).toEqual([]);
  });

  it('lets users have them from then on', async () => {
    const app = await house.createClient(Id);
    await house.createUser(Id, 'a', []);
    const owner = await account(house, app.ClientId, 'a');
    expect(await refusal(owner.update({ 'custom:late': 'x' }))).toMatch('does not exist in the schema');
    await add(text('late', '0', '9'));
    await owner.update({ 'custom:late': 'x' });
    expect(await owner.attributes()).toMatchObject({ 'custom:late': 'x' });
  });
});
