import {
  AdminDeleteUserAttributesCommand,
  AdminGetUserCommand,
  AdminUpdateUserAttributesCommand,
  CreateUserPoolCommand,
  type CreateUserPoolCommandInput,
  DescribeUserPoolCommand,
  ListUsersCommand,
  UpdateUserPoolCommand,
  type VerifiedAttributeType,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, account, EXPIRED_CODE, WRONG_CODE } from '../support/account-calls.ts';
import { attributeList } from '../support/attributes.ts';
import { type House, NEW_PASSWORD, openHouse } from '../support/house.ts';
import { recoveryCalls, wrongCode } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';

// UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate: the old address stays in force until a code
// that went to the new one is shown [D: API reference, UserAttributeUpdateSettingsType and UpdateUserAttributes].

const provenFirst = (...names: VerifiedAttributeType[]): Partial<CreateUserPoolCommandInput> => ({
  AutoVerifiedAttributes: names,
  UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: names },
});

let house: House;
let pool: string;
let ClientId: string;
let count = 0;
let name: string;
let old: string;
let next: string;
let user: Account;

const open = async (input: Partial<CreateUserPoolCommandInput> = {}) => {
  pool = await house.createPool({ ...provenFirst('email'), ...input });
  ({ ClientId } = await house.createClient(pool));
};
const adminUpdate = (values: Record<string, string>, Username = name) =>
  house.sdk.send(
    new AdminUpdateUserAttributesCommand({
      UserPoolId: pool,
      Username,
      UserAttributes: attributeList(values),
    }),
  );
const adminRemove = (...UserAttributeNames: string[]) =>
  house.sdk.send(
    new AdminDeleteUserAttributesCommand({ UserPoolId: pool, Username: name, UserAttributeNames }),
  );
const forgot = () => recoveryCalls(house, { ClientId }).forgot(name);

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => {
  count += 1;
  name = `user-${count}`;
  old = `old-${count}@example.com`;
  next = `next-${count}@example.org`;
});

async function enter(attributes = attributeList({ email: old, email_verified: 'true' })) {
  await house.createUser(pool, name, attributes);
  user = await account(house, ClientId, name);
}

describe('a new address that is to be proven first', () => {
  beforeAll(() => open());
  beforeEach(() => enter());

  it('gets the code, and the answer shows it, while the old one stays the user’s, verified', async () => {
    const { CodeDeliveryDetailsList } = await user.update({ email: next, given_name: 'Nick' });
    expect(CodeDeliveryDetailsList).toEqual([
      { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: 'n***@e***' },
    ]);
    expect(await user.attributes()).toMatchObject({ email: old, email_verified: 'true', given_name: 'Nick' });
    const [message, ...further] = await house.messages(next);
    expect(message?.triggerSource).toBe('CustomMessage_UpdateUserAttribute');
    expect(further).toEqual([]);
    expect(await house.messages(old, 0)).toEqual([]);
  });

  it('is the user’s, and verified, once the code is shown; the code works once', async () => {
    await user.update({ email: next });
    const code = await house.code(next);
    expect(await refusal(user.verify(wrongCode(code)))).toBe(WRONG_CODE);
    expect(await user.attributes()).toMatchObject({ email: old, email_verified: 'true' });
    await user.verify(code);
    expect(await user.attributes()).toMatchObject({ email: next, email_verified: 'true' });
    expect(await refusal(user.verify(code))).toBe(EXPIRED_CODE);
  });

  it('is shown by nobody until then: tokens, AdminGetUser and ListUsers have the old one', async () => {
    await user.update({ email: next });
    expect((await account(house, ClientId, name)).claims).toMatchObject({ email: old, email_verified: true });
    const seen = await house.sdk.send(new AdminGetUserCommand({ UserPoolId: pool, Username: name }));
    expect(JSON.stringify(seen.UserAttributes)).not.toContain(next);
    const found = (email: string) =>
      house.sdk.send(new ListUsersCommand({ UserPoolId: pool, Filter: `email = "${email}"` }));
    expect((await found(next)).Users).toEqual([]);
    expect((await found(old)).Users).toHaveLength(1);
    await user.verify(await house.code(next));
    expect((await found(next)).Users).toHaveLength(1);
    expect((await found(old)).Users).toEqual([]);
  });

  it('does not recover the account before it is proven; the old one does until then', async () => {
    await user.update({ email: next });
    expect((await forgot()).CodeDeliveryDetails?.Destination).toBe('o***@e***');
    const code = await house.code(old);
    await recoveryCalls(house, { ClientId }).confirm(name, code);
    await signIn(house, ClientId, name, NEW_PASSWORD);
    await user.verify(await house.code(next));
    expect((await forgot()).CodeDeliveryDetails?.Destination).toBe('n***@e***');
  });

  it('ends a reset code that went to the old one, once it is proven', async () => {
    await user.update({ email: next });
    await forgot();
    const reset = await house.code(old);
    await user.verify(await house.code(next));
    const { confirm } = recoveryCalls(house, { ClientId });
    expect(await refusal(confirm(name, reset))).toBe(EXPIRED_CODE);
  });

  it('is replaced by the next one, whose code alone works', async () => {
    await user.update({ email: next });
    const first = await house.code(next);
    const last = `last-${count}@example.net`;
    await user.update({ email: last });
    const second = await house.code(last);
    if (first !== second) expect(await refusal(user.verify(first))).toBe(WRONG_CODE);
    await user.verify(second);
    expect(await user.attributes()).toMatchObject({ email: last, email_verified: 'true' });
  });

  it('is given up by saying the old one again, and its code with it', async () => {
    await user.update({ email: next });
    const code = await house.code(next);
    const { CodeDeliveryDetailsList } = await user.update({ email: old });
    expect(CodeDeliveryDetailsList).toEqual([]);
    expect(await refusal(user.verify(code))).toBe(EXPIRED_CODE);
    expect(await user.attributes()).toMatchObject({ email: old, email_verified: 'true' });
    await user.askForCode();
    await user.verify(await house.code(old));
    expect(await user.attributes()).toMatchObject({ email: old, email_verified: 'true' });
  });

  it('is given up with the attribute, by the user or an administrator', async () => {
    for (const remove of [user.remove, adminRemove]) {
      await adminUpdate({ email: old, email_verified: 'true' });
      await user.update({ email: next });
      const code = await house.code(next);
      await remove('email');
      expect(await refusal(user.verify(code))).toBe(EXPIRED_CODE);
      expect(await user.attributes()).not.toHaveProperty('email');
      expect(await refusal(user.askForCode())).toMatch(/^InvalidParameterException: /);
    }
  });

  it('stays while other attributes change', async () => {
    await user.update({ email: next });
    await user.update({ given_name: 'Nick', phone_number: '+15550100' });
    await adminUpdate({ family_name: 'Nobody' });
    await user.verify(await house.code(next));
    expect(await user.attributes()).toMatchObject({
      email: next,
      email_verified: 'true',
      given_name: 'Nick',
    });
  });

  it('gets another code by GetUserAttributeVerificationCode, the old one none', async () => {
    await user.update({ email: next });
    const first = await house.code(next);
    expect((await user.askForCode()).CodeDeliveryDetails?.Destination).toBe('n***@e***');
    const second = await house.code(next);
    expect(await house.messages(old, 0)).toEqual([]);
    if (first !== second) expect(await refusal(user.verify(first))).toBe(WRONG_CODE);
    await user.verify(second);
    expect(await user.attributes()).toMatchObject({ email: next, email_verified: 'true' });
  });

  it('is not what an administrator confirms who says that the email is verified', async () => {
    await adminUpdate({ email_verified: 'false' });
    await user.update({ email: 'victim@example.com' });
    await adminUpdate({ email_verified: 'true' });
    expect(await user.attributes()).toMatchObject({ email: old, email_verified: 'true' });
  });

  it('leaves a code for the old one worthless: it proves the address that it went to', async () => {
    await adminUpdate({ email_verified: 'false' });
    await user.askForCode();
    const code = await house.code(old);
    await user.update({ email: next });
    if (code !== (await house.code(next))) expect(await refusal(user.verify(code))).toBe(WRONG_CODE);
    expect(await user.attributes()).toMatchObject({ email: old, email_verified: 'false' });
  });

  it('must be one, of the schema and within the client’s rights', async () => {
    expect(await refusal(user.update({ email: 'nobody' }))).toMatch('Invalid email address format.');
    const { ClientId: reader } = await house.createClient(pool, { WriteAttributes: ['given_name'] });
    const limited = await account(house, reader, name);
    expect(await refusal(limited.update({ email: next }))).toMatch(/^NotAuthorizedException: /);
    expect(await refusal(user.verify('123456'))).toBe(EXPIRED_CODE);
    expect(await house.messages(next, 0)).toEqual([]);
  });

  it('is also proven first when there was none before', async () => {
    await adminRemove('email');
    await user.update({ email: next });
    expect(await user.attributes()).not.toHaveProperty('email');
    await user.verify(await house.code(next));
    expect(await user.attributes()).toMatchObject({ email: next, email_verified: 'true' });
  });

  it('does not hold up a phone number that the pool does not name', async () => {
    await user.update({ email: next, phone_number: '+15550101' });
    expect(await user.attributes()).toMatchObject({
      email: old,
      phone_number: '+15550101',
      phone_number_verified: 'false',
    });
  });

  it('is committed once by many who show the code at once, or by none after it was replaced', async () => {
    await user.update({ email: next });
    const code = await house.code(next);
    const last = `last-${count}@example.net`;
    const answers = await Promise.allSettled([
      ...Array.from({ length: 6 }, () => user.verify(code)),
      user.update({ email: last }),
    ]);
    const won = answers.slice(0, 6).filter(({ status }) => status === 'fulfilled');
    expect(won.length).toBeLessThanOrEqual(1);
    expect(await user.attributes()).toMatchObject({
      email: won.length === 1 ? next : old,
      email_verified: 'true',
    });
    await user.verify(await house.code(last));
    expect(await user.attributes()).toMatchObject({ email: last, email_verified: 'true' });
  });
});

describe('an administrator’s change', () => {
  beforeAll(() => open());
  beforeEach(() => enter());

  it('waits for the user’s proof as well, even where it says that the new address is not verified', async () => {
    for (const flag of [{}, { email_verified: 'false' }]) {
      await adminUpdate({ email: next, ...flag });
      expect(await user.attributes()).toMatchObject({ email: old, email_verified: 'true' });
    }
    await user.verify(await house.code(next));
    expect(await user.attributes()).toMatchObject({ email: next, email_verified: 'true' });
  });

  it('is made at once, and sends nothing, with email_verified true in the same request [D]', async () => {
    await user.update({ email: next });
    const code = await house.code(next);
    const chosen = `chosen-${count}@example.net`;
    await adminUpdate({ email: chosen, email_verified: 'true' });
    expect(await user.attributes()).toMatchObject({ email: chosen, email_verified: 'true' });
    expect(await house.messages(chosen, 0)).toEqual([]);
    expect(await refusal(user.verify(code))).toBe(EXPIRED_CODE);
    expect(await user.attributes()).toMatchObject({ email: chosen, email_verified: 'true' });
  });
});

describe('phone numbers', () => {
  beforeAll(() => open(provenFirst('phone_number', 'email')));

  it('are proven first, each attribute by its own code', async () => {
    const [before, after] = [`+1556${count}00000`, `+1557${count}00000`].map((number) => number.slice(0, 12));
    const numbers = attributeList({ phone_number: before as string, phone_number_verified: 'true' });
    await enter([...numbers, ...attributeList({ email: old, email_verified: 'true' })]);
    const { CodeDeliveryDetailsList } = await user.update({ phone_number: after as string, email: next });
    expect(CodeDeliveryDetailsList?.map(({ DeliveryMedium }) => DeliveryMedium)).toEqual(['EMAIL', 'SMS']);
    const codes = { email: await house.code(next), phone_number: await house.code(after as string) };
    if (codes.email !== codes.phone_number)
      expect(await refusal(user.verify(codes.phone_number, 'email'))).toBe(WRONG_CODE);
    await user.verify(codes.phone_number, 'phone_number');
    expect(await user.attributes()).toMatchObject({
      phone_number: after,
      phone_number_verified: 'true',
      email: old,
    });
    await user.verify(codes.email, 'email');
    expect(await user.attributes()).toMatchObject({ email: next, email_verified: 'true' });
  });
});

describe('an address that waits', () => {
  it('does so for a day, as long as its code', async () => {
    await using other = await openHouse();
    const poolId = await other.createPool(provenFirst('email'));
    const app = await other.createClient(poolId);
    await other.createUser(poolId, 'a', attributeList({ email: 'old@example.com' }));
    const again = () => account(other, app.ClientId, 'a');
    await (await again()).update({ email: 'new@example.com' });
    await other.advance('PT23H');
    await (await again()).askForCode();
    const code = await other.code('new@example.com');
    await other.advance('PT23H59M');
    expect(await refusal((await again()).verify(wrongCode(code)))).toBe(WRONG_CODE);
    await other.advance('PT1M');
    const late = await again();
    expect(await refusal(late.verify(code))).toBe(EXPIRED_CODE);
  });

  it.each([
    ['at once', async () => undefined],
    ['after another change', (late: Account) => late.update({ given_name: 'Ann' })],
  ])(
    'is nobody’s when its day is over: a new code goes to the old one and proves this, %s',
    async (_, meanwhile) => {
      await using other = await openHouse();
      const poolId = await other.createPool(provenFirst('email'));
      const app = await other.createClient(poolId);
      await other.createUser(poolId, 'a', attributeList({ email: 'old@example.com' }));
      const again = () => account(other, app.ClientId, 'a');
      await (await again()).update({ email: 'new@example.com' });
      await other.advance('P1D');
      const late = await again();
      await late.askForCode();
      await meanwhile(late);
      await late.verify(await other.code('old@example.com'));
      expect(await late.attributes()).toMatchObject({ email: 'old@example.com', email_verified: 'true' });
    },
  );

  it('is proven also after the pool no longer asks for it', async () => {
    await open();
    await enter();
    await user.update({ email: next });
    const UserAttributeUpdateSettings = { AttributesRequireVerificationBeforeUpdate: [] };
    await house.sdk.send(
      new UpdateUserPoolCommand({
        UserPoolId: pool,
        AutoVerifiedAttributes: ['email'],
        UserAttributeUpdateSettings,
      }),
    );
    await user.verify(await house.code(next));
    expect(await user.attributes()).toMatchObject({ email: next, email_verified: 'true' });
    await user.update({ email: old });
    expect(await user.attributes()).toMatchObject({ email: old, email_verified: 'false' });
  });
});

describe('the setting', () => {
  const NOT_VERIFIED =
    'InvalidParameterException: All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes';
  const create = (input: object) => house.sdk.send(new CreateUserPoolCommand({ PoolName: 'test', ...input }));
  const shown = async (UserPoolId: string) => {
    const { UserPool } = await house.sdk.send(new DescribeUserPoolCommand({ UserPoolId }));
    return UserPool?.UserAttributeUpdateSettings?.AttributesRequireVerificationBeforeUpdate;
  };

  it('names attributes that the pool verifies [Q: aws-cli#7151]', async () => {
    const both = provenFirst('email', 'phone_number');
    expect(await refusal(create({ ...both, AutoVerifiedAttributes: ['email'] }))).toBe(NOT_VERIFIED);
    expect(await refusal(create({ ...both, AutoVerifiedAttributes: undefined }))).toBe(NOT_VERIFIED);
    await create({ ...provenFirst('email'), AutoVerifiedAttributes: ['email', 'phone_number'] });
  });

  it('stays where UpdateUserPool leaves it out, and refuses one that leaves out AutoVerifiedAttributes alone [Q]', async () => {
    const UserPoolId = await house.createPool(provenFirst('email'));
    const update = (input: object) => house.sdk.send(new UpdateUserPoolCommand({ UserPoolId, ...input }));
    expect(await refusal(update({ DeletionProtection: 'INACTIVE' }))).toBe(NOT_VERIFIED);
    await update({ AutoVerifiedAttributes: ['email', 'phone_number'] });
    expect(await shown(UserPoolId)).toEqual(['email']);
    await update({ UserAttributeUpdateSettings: {} });
    expect(await shown(UserPoolId)).toEqual([]);
  });
});
