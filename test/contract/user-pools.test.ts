import {
  AddCustomAttributesCommand,
  CreateUserPoolCommand,
  type CreateUserPoolCommandInput,
  DeleteUserPoolCommand,
  DescribeUserPoolCommand,
  ListUserPoolsCommand,
  type SchemaAttributeType,
  type SignInPolicyType,
  UpdateUserPoolCommand,
  type UpdateUserPoolCommandInput,
  type UserPoolType,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse, raw } from '../support/house.ts';
import { asInputOf } from '../support/model-members.ts';
import { recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const create = async (input: Partial<CreateUserPoolCommandInput> = {}) =>
  (await house.sdk.send(new CreateUserPoolCommand({ PoolName: 'my pool', ...input })))
    .UserPool as UserPoolType;
const describePool = async (UserPoolId: string | undefined) =>
  (await house.sdk.send(new DescribeUserPoolCommand({ UserPoolId }))).UserPool as UserPoolType;
const update = (UserPoolId: string | undefined, input: Partial<UpdateUserPoolCommandInput> = {}) =>
  house.sdk.send(new UpdateUserPoolCommand({ UserPoolId, ...input }));
const remove = (UserPoolId: string | undefined) => house.sdk.send(new DeleteUserPoolCommand({ UserPoolId }));
const gone = (id: string | undefined) => `ResourceNotFoundException: User pool ${id} does not exist.`;

describe('a new pool', () => {
  it('has the defaults that AWS fills in', async () => {
    const pool = await create();
    expect(pool).toMatchObject({
      Id: expect.stringMatching(/^us-east-1_[A-Za-z0-9]{9}$/),
      Name: 'my pool',
      Policies: {
        PasswordPolicy: {
          MinimumLength: 8,
          RequireUppercase: true,
          RequireLowercase: true,
          RequireNumbers: true,
          RequireSymbols: true,
          TemporaryPasswordValidityDays: 7,
        },
        SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD'] },
      },
      DeletionProtection: 'INACTIVE',
      LambdaConfig: {},
      MfaConfiguration: 'OFF',
      EstimatedNumberOfUsers: 0,
      EmailConfiguration: { EmailSendingAccount: 'COGNITO_DEFAULT' },
      VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_CODE' },
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: false, UnusedAccountValidityDays: 7 },
      UserPoolTags: {},
      UserPoolTier: 'ESSENTIALS',
      Arn: expect.stringMatching(new RegExp(`^arn:aws:cognito-idp:us-east-1:\\d{12}:userpool/${pool.Id}$`)),
    });
    for (const absent of [
      'AccountRecoverySetting',
      'AliasAttributes',
      'UsernameAttributes',
      'SmsConfiguration',
    ]) {
      expect(pool).not.toHaveProperty(absent);
    }
    expect(Math.abs((pool.CreationDate as Date).getTime() - Date.now())).toBeLessThan(30_000);
    expect(pool.LastModifiedDate).toEqual(pool.CreationDate);
    expect(await describePool(pool.Id)).toEqual(pool);
  });

  it('has the standard attributes of OpenID Connect, sub required and for ever', async () => {
    const { SchemaAttributes = [] } = await create();
    expect(SchemaAttributes.map((attribute) => attribute.Name)).toEqual([
      ...['sub', 'name', 'given_name', 'family_name', 'middle_name', 'nickname', 'preferred_username'],
      ...['profile', 'picture', 'website', 'email', 'email_verified', 'gender', 'birthdate', 'zoneinfo'],
      ...['locale', 'phone_number', 'phone_number_verified', 'address', 'updated_at'],
    ]);
    expect(SchemaAttributes[0]).toEqual({
      Name: 'sub',
      AttributeDataType: 'String',
      DeveloperOnlyAttribute: false,
      Mutable: false,
      Required: true,
      StringAttributeConstraints: { MinLength: '1', MaxLength: '2048' },
    });
    const birthdate = SchemaAttributes.find((attribute) => attribute.Name === 'birthdate');
    expect(birthdate?.StringAttributeConstraints).toEqual({ MinLength: '10', MaxLength: '10' });
  });

  it('asks of passwords only what a policy that is given asks', async () => {
    const { Policies } = await create({ Policies: { PasswordPolicy: { MinimumLength: 6 } } });
    expect(Policies?.PasswordPolicy).toMatchObject({ MinimumLength: 6, RequireSymbols: false });
  });

  it('cannot have both aliases and address usernames', async () => {
    const both = create({ AliasAttributes: ['email'], UsernameAttributes: ['email'] });
    expect(await refusal(both)).toBe(
      'InvalidParameterException: Only one of the aliasAttributes or usernameAttributes can be set in a user pool.',
    );
  });

  it.each([
    [7, 7, {}],
    [30, 30, { AdminCreateUserConfig: { UnusedAccountValidityDays: 30 } }],
    [3, 3, { Policies: { PasswordPolicy: { TemporaryPasswordValidityDays: 3 } } }],
  ])('lets a temporary password live %i days, by whichever name', async (policy, config, input) => {
    const pool = await create(input);
    expect(pool.Policies?.PasswordPolicy?.TemporaryPasswordValidityDays).toBe(policy);
    expect(pool.AdminCreateUserConfig?.UnusedAccountValidityDays).toBe(config);
  });

  it.each([
    [
      'admin_only with another',
      [
        ['admin_only', 1],
        ['verified_email', 2],
      ],
      /admin_only cannot be combined/,
    ],
    [
      'one mechanism twice',
      [
        ['verified_email', 1],
        ['verified_email', 2],
      ],
      /named once/,
    ],
    [
      'one priority twice',
      [
        ['verified_email', 1],
        ['verified_phone_number', 1],
      ],
      /priority of its own/,
    ],
    ['priority 3', [['verified_email', 3]], /less than or equal to 2/],
    ['no mechanism', [], /greater than or equal to 1/],
  ] as const)('cannot have an AccountRecoverySetting of %s [D]', async (_, mechanisms, expected) => {
    const RecoveryMechanisms = mechanisms.map(([Name, Priority]) => ({ Name, Priority }));
    const text = await refusal(create({ AccountRecoverySetting: { RecoveryMechanisms } }));
    expect(text).toMatch(/^InvalidParameterException/);
    expect(text).toMatch(expected);
  });

  it('cannot invite without username and password in the message [D]', async () => {
    const invite = (InviteMessageTemplate: object) =>
      create({ AdminCreateUserConfig: { InviteMessageTemplate } });
    expect(await refusal(invite({ EmailMessage: 'Welcome, {username}' }))).toMatch(
      /EmailMessage must contain/,
    );
    expect(await refusal(invite({ SMSMessage: 'Code {####}' }))).toMatch(/SMSMessage must contain/);
  });

  it.each(['a@b.c\r\nBcc: all@example.com', 'nobody', 'a@b.c, d@e.f', 'a,b@c.d', 'Ann <ann>', '<>'])(
    'takes no From that would add a line, an author or nobody to a message: %j',
    async (From) => {
      expect(await refusal(create({ EmailConfiguration: { From } }))).toMatch(
        /EmailConfiguration\.From must be one address/,
      );
    },
  );
});

describe('the schema of a pool', () => {
  const add = (UserPoolId: string | undefined, ...CustomAttributes: SchemaAttributeType[]) =>
    house.sdk.send(new AddCustomAttributesCommand({ UserPoolId, CustomAttributes }));
  const customOf = async (id: string | undefined) =>
    (await describePool(id)).SchemaAttributes?.filter(({ Name }) => Name?.startsWith('custom:')) ?? [];

  it('changes standard attributes and adds custom ones under their prefix', async () => {
    const { Id, SchemaAttributes = [] } = await create({
      Schema: [
        { Name: 'email', Required: true, Mutable: false },
        { Name: 'tier', AttributeDataType: 'String', Mutable: false },
        { Name: 'age', AttributeDataType: 'Number', NumberAttributeConstraints: { MinValue: '0' } },
      ],
    });
    expect(SchemaAttributes.find(({ Name }) => Name === 'email')).toMatchObject({
      Required: true,
      Mutable: false,
    });
    expect(await customOf(Id)).toMatchObject([
      { Name: 'custom:tier', AttributeDataType: 'String', Mutable: false, Required: false },
      { Name: 'custom:age', AttributeDataType: 'Number', NumberAttributeConstraints: { MinValue: '0' } },
    ]);
  });

  it.each<[string, SchemaAttributeType, RegExp]>([
    [
      'a required custom attribute',
      { Name: 'x', Required: true },
      /Required custom attributes are not supported/,
    ],
    ['a developer-only attribute', { Name: 'x', DeveloperOnlyAttribute: true }, /DeveloperOnlyAttribute/],
    [
      'a developer-only standard attribute',
      { Name: 'email', DeveloperOnlyAttribute: true },
      /developerOnlyAttribute/,
    ],
    [
      'another type for a standard attribute',
      { Name: 'email', AttributeDataType: 'Number' },
      /AttributeDataType/,
    ],
    ['a long name', { Name: 'x'.repeat(21) }, /less than or equal to 20/],
    [
      'limits of another type',
      { Name: 'x', AttributeDataType: 'String', NumberAttributeConstraints: { MinValue: '1' } },
      /do not apply/,
    ],
  ])('refuses %s', async (_, attribute, expected) => {
    const text = await refusal(create({ Schema: [attribute] }));
    expect(text).toMatch(/^InvalidParameterException/);
    expect(text).toMatch(expected);
  });

  it('grows by AddCustomAttributes, each name once, up to fifty', async () => {
    const { Id } = await create();
    await add(
      Id,
      { Name: 'one', AttributeDataType: 'String' },
      { Name: 'two', AttributeDataType: 'Boolean' },
    );
    expect((await customOf(Id)).map(({ Name }) => Name)).toEqual(['custom:one', 'custom:two']);
    expect(await refusal(add(Id, { Name: 'one', AttributeDataType: 'String' }))).toMatch(
      /^InvalidParameterException: custom:one/,
    );
    const many = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({
        Name: `n${from + index}`,
        AttributeDataType: 'String' as const,
      }));
    await add(Id, ...many(0, 25));
    await add(Id, ...many(25, 23));
    expect(await refusal(add(Id, ...many(48, 1)))).toMatch(/at most 50 custom attributes/);
  });

  it('keeps what many callers add at once', async () => {
    const { Id } = await create();
    const names = Array.from({ length: 40 }, (_, index) => `n${index}`);
    // Several times over, for the connections of the first round open one after the other.
    for (let round = 0; round < 4; round++) {
      const mine = names.slice(round * 10, round * 10 + 10);
      const added = mine.map((Name) =>
        raw(house.url, 'AddCustomAttributes', {
          UserPoolId: Id,
          CustomAttributes: [{ Name, AttributeDataType: 'String' }],
        }),
      );
      const renamed = raw(house.url, 'UpdateUserPool', { UserPoolId: Id, PoolName: `renamed ${round}` });
      for (const { status } of await Promise.all([...added, renamed])) expect(status).toBe(200);
      expect((await describePool(Id)).Name).toBe(`renamed ${round}`);
    }
    expect((await customOf(Id)).map(({ Name }) => Name?.slice(7)).sort()).toEqual(names.sort());
  });
});

describe('UpdateUserPool', () => {
  it('sets what it names and puts the rest back to the defaults, as AWS does [D]', async () => {
    const { Id } = await create({
      AutoVerifiedAttributes: ['email'],
      AliasAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
      EmailConfiguration: { From: 'us@example.com' },
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
      UserPoolTags: { team: 'a' },
    });
    await update(Id, { PoolName: 'other', UserPoolTags: { team: 'b' } });
    const after = await describePool(Id);
    expect(after).toMatchObject({
      Name: 'other',
      UserPoolTags: { team: 'b' },
      EmailConfiguration: { EmailSendingAccount: 'COGNITO_DEFAULT' },
      // These belong to a pool for ever.
      AliasAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
    });
    expect(after).not.toHaveProperty('AccountRecoverySetting');
    expect(after).not.toHaveProperty('AutoVerifiedAttributes');
    expect(after.EmailConfiguration).not.toHaveProperty('From');
  });

  it('keeps each of the policies that it does not name, as AWS does [Q]', async () => {
    const PasswordPolicy = { MinimumLength: 20, TemporaryPasswordValidityDays: 3 };
    const SignInPolicy: SignInPolicyType = { AllowedFirstAuthFactors: ['EMAIL_OTP', 'PASSWORD'] };
    const { Id, ...before } = await create({ Policies: { PasswordPolicy, SignInPolicy } });
    for (const Policies of [undefined, {}, { SignInPolicy: {} }, { SignInPolicy }]) {
      await update(Id, { Policies });
      const { Policies: after, AdminCreateUserConfig } = await describePool(Id);
      expect(after).toEqual(before.Policies);
      expect(AdminCreateUserConfig?.UnusedAccountValidityDays).toBe(3);
    }
    await update(Id, { Policies: { PasswordPolicy: { MinimumLength: 9 } } });
    expect((await describePool(Id)).Policies).toMatchObject({
      PasswordPolicy: { MinimumLength: 9, TemporaryPasswordValidityDays: 7 },
      SignInPolicy,
    });
    await update(Id, { AdminCreateUserConfig: { UnusedAccountValidityDays: 4 } });
    expect((await describePool(Id)).Policies?.PasswordPolicy).toMatchObject({
      MinimumLength: 9,
      TemporaryPasswordValidityDays: 4,
    });
  });

  it('takes back everything that DescribeUserPool shows, and changes nothing by it', async () => {
    const { Id } = await create({
      AutoVerifiedAttributes: ['email'],
      EmailVerificationSubject: 'Yours',
      VerificationMessageTemplate: { EmailMessage: 'It is {####}' },
      EmailConfiguration: {
        EmailSendingAccount: 'DEVELOPER',
        SourceArn: 'arn:aws:ses:us-east-1:123456789012:identity/example.com',
        From: 'Us <us@example.com>',
        ReplyToEmailAddress: 'them@example.com',
      },
      SmsConfiguration: { SnsCallerArn: 'arn:aws:iam::123456789012:role/sms', ExternalId: 'x' },
      SmsAuthenticationMessage: 'It is {####}',
      MfaConfiguration: 'OPTIONAL',
      Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'SMS_OTP'] } },
      AdminCreateUserConfig: { UnusedAccountValidityDays: 30 },
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
    });
    const before = await describePool(Id);
    await update(Id, asInputOf('UpdateUserPool', before));
    expect(await describePool(Id)).toEqual({ ...before, LastModifiedDate: expect.any(Date) });
  });

  it('moves LastModifiedDate alone', async () => {
    const { Id, CreationDate } = await create();
    await house.advance('PT1M');
    await update(Id);
    const after = await describePool(Id);
    expect(after.CreationDate).toEqual(CreationDate);
    expect(after.LastModifiedDate?.getTime()).toBeGreaterThan((CreationDate as Date).getTime());
  });

  it('of an unknown pool names it [E]', async () => {
    expect(await refusal(update('us-east-1_nowhere'))).toBe(gone('us-east-1_nowhere'));
  });
});

describe('DeleteUserPool', () => {
  it('takes users and app clients with it', async () => {
    const { Id } = await create();
    const client = await house.createClient(Id as string);
    await house.createUser(Id as string, 'alice');
    await remove(Id);
    expect(await refusal(describePool(Id))).toBe(gone(Id));
    expect(await refusal(remove(Id))).toBe(gone(Id));
    expect(await refusal(recoveryCalls(house, client).forgot('alice'))).toBe(
      `ResourceNotFoundException: User pool client ${client.ClientId} does not exist.`,
    );
  });

  it('is refused while DeletionProtection is ACTIVE [D]', async () => {
    const { Id } = await create({ DeletionProtection: 'ACTIVE' });
    expect(await refusal(remove(Id))).toMatch(/^InvalidParameterException: The user pool cannot be deleted/);
    await update(Id, { DeletionProtection: 'INACTIVE' });
    await remove(Id);
  });
});

describe('ListUserPools', () => {
  it('pages through every pool once', async () => {
    const { Id } = await create({ PoolName: 'listed' });
    const seen: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await house.sdk.send(new ListUserPoolsCommand({ MaxResults: 3, NextToken }));
      expect(page.UserPools?.length).toBeLessThanOrEqual(3);
      seen.push(...(page.UserPools ?? []).map((pool) => pool.Id as string));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toContain(Id);
  });

  it('refuses a page token that it did not give', async () => {
    const command = new ListUserPoolsCommand({ MaxResults: 3, NextToken: '!!' });
    expect(await refusal(house.sdk.send(command))).toMatch(/^InvalidParameterException/);
  });
});

describe('EstimatedNumberOfUsers', () => {
  it('is how many there are', async () => {
    const { Id } = await create();
    await house.createUser(Id as string, 'one');
    await house.createUser(Id as string, 'two');
    expect((await describePool(Id)).EstimatedNumberOfUsers).toBe(2);
  });
});
