import {
  AdminDeleteUserAttributesCommand,
  AdminUpdateUserAttributesCommand,
  type CreateUserPoolCommandInput,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, account, EXPIRED_CODE } from '../support/account-calls.ts';
import { attributeList } from '../support/attributes.ts';
import { type House, openHouse } from '../support/house.ts';
import { recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';

// The pool's setting recovery.previousAddressGrace: whoever mistypes their new address, or has it changed by somebody at
// their unlocked screen, recovers by the one that was proven, for a while. Amazon Cognito has no such thing.

const NO_ADDRESS = /no registered\/verified email or phone_number/;

let house: House;
let pool: string;
let ClientId: string;
let count = 0;
let name: string;
let old: string;
let next: string;
let user: Account;

beforeAll(async () => {
  house = await openHouse();
  await open();
});
afterAll(() => house[Symbol.asyncDispose]());

async function open(input: Partial<CreateUserPoolCommandInput> = {}) {
  pool = await house.createPool(input);
  ({ ClientId } = await house.createClient(pool));
  await setGrace('P7D');
}
const setGrace = (previousAddressGrace: string) =>
  house.operator(`pools/${pool}/settings`, { method: 'PUT', json: { recovery: { previousAddressGrace } } });

beforeEach(() => enter());
async function enter(more: Record<string, string> = {}) {
  count += 1;
  name = `user-${count}`;
  old = `old-${count}@example.com`;
  next = `next-${count}@example.org`;
  await house.createUser(pool, name, attributeList({ email: old, email_verified: 'true', ...more }));
  user = await account(house, ClientId, name);
}

const calls = () => recoveryCalls(house, { ClientId });
const recoversBy = async () => (await calls().forgot(name)).CodeDeliveryDetails?.Destination;
const adminUpdate = (values: Record<string, string>) =>
  house.sdk.send(
    new AdminUpdateUserAttributesCommand({
      UserPoolId: pool,
      Username: name,
      UserAttributes: attributeList(values),
    }),
  );

describe('an address that was proven, and given up for one that is not', () => {
  it('recovers', async () => {
    await user.update({ email: next });
    expect(await recoversBy()).toBe('o***@e***');
    await calls().confirm(name, await house.code(old));
    expect(await house.messages(next)).toHaveLength(1);
  });

  it('is remembered through further addresses that nobody proves, and through none', async () => {
    await user.update({ email: next });
    await user.update({ email: `last-${count}@example.net` });
    expect(await recoversBy()).toBe('o***@e***');
    await user.remove('email');
    expect(await recoversBy()).toBe('o***@e***');
    await user.update({ email: next });
    await user.update({ name: 'Ann' });
    expect(await recoversBy()).toBe('o***@e***');
  });

  it('is forgotten once the new one is proven, and so is the reset code that went to it', async () => {
    await user.update({ email: next });
    const code = await house.code(next);
    await calls().forgot(name);
    const reset = await house.code(old);
    await user.verify(code);
    expect(await refusal(calls().confirm(name, reset))).toBe(EXPIRED_CODE);
    expect(await recoversBy()).toBe('n***@e***');
    await adminUpdate({ email_verified: 'false' });
    expect(await refusal(calls().forgot(name))).toMatch(NO_ADDRESS);
  });

  it('is forgotten when an administrator says that the new one is verified', async () => {
    await user.update({ email: next });
    await adminUpdate({ email_verified: 'true' });
    await adminUpdate({ email_verified: 'false' });
    expect(await refusal(calls().forgot(name))).toMatch(NO_ADDRESS);
  });

  it('is forgotten when an administrator changes or removes the address: the old one may be lost', async () => {
    for (const change of [
      () => adminUpdate({ email: `admin-${count}@example.net` }),
      () =>
        house.sdk.send(
          new AdminDeleteUserAttributesCommand({
            UserPoolId: pool,
            Username: name,
            UserAttributeNames: ['email'],
          }),
        ),
    ]) {
      await enter();
      await user.update({ email: next });
      await calls().forgot(name);
      const reset = await house.code(old);
      await change();
      expect(await refusal(calls().confirm(name, reset))).toBe(EXPIRED_CODE);
      expect(await refusal(calls().forgot(name))).toMatch(NO_ADDRESS);
    }
  });

  it('is not remembered of an administrator’s own change', async () => {
    await adminUpdate({ email: next });
    expect(await refusal(calls().forgot(name))).toMatch(NO_ADDRESS);
  });

  it('was proven: another is not remembered', async () => {
    await adminUpdate({ email_verified: 'false' });
    await user.update({ email: next });
    expect(await refusal(calls().forgot(name))).toMatch(NO_ADDRESS);
  });

  it('is remembered for as long as the setting said when it was given up', async () => {
    await setGrace('PT0S');
    await user.update({ email: next });
    await setGrace('P7D');
    expect(await refusal(calls().forgot(name))).toMatch(NO_ADDRESS);
  });

  it('is of its own attribute', async () => {
    await enter({ phone_number: '+15550100', phone_number_verified: 'true' });
    await user.update({ phone_number: '+15550199' });
    expect(await recoversBy()).toBe('+****0100');
    await user.update({ email: next });
    await adminUpdate({ phone_number_verified: 'true' });
    expect(await recoversBy()).toBe('+****0199');
    await user.remove('phone_number');
    // Of the two that are left, the phone number came first before.
    expect(await recoversBy()).toBe('+****0199');
  });

  it('is shown to nobody, and proves nothing', async () => {
    await user.update({ email: next });
    expect(JSON.stringify(await user.attributes())).not.toContain(old);
    await calls().forgot(name);
    await calls().confirm(name, await house.code(old));
    expect(await user.attributes()).toMatchObject({ email: next, email_verified: 'false' });
  });
});

describe('a name to sign in by', () => {
  it('it is no longer', async () => {
    await open({ AliasAttributes: ['email'] });
    await enter();
    await signIn(house, ClientId, old);
    await user.update({ email: next });
    for (const address of [old, next]) {
      expect(await refusal(signIn(house, ClientId, address))).toMatch('UserNotFoundException');
      expect(await refusal(calls().forgot(address))).toMatch('UserNotFoundException');
    }
    expect(await recoversBy()).toBe('o***@e***');
  });
});

describe('a pool that has new addresses proven first', () => {
  it('has no previous one to remember: the old one is the user’s until then', async () => {
    await open({
      UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] },
    });
    await enter();
    await user.update({ email: next });
    expect(await recoversBy()).toBe('o***@e***');
    await user.verify(await house.code(next));
    expect(await recoversBy()).toBe('n***@e***');
    await adminUpdate({ email_verified: 'false' });
    expect(await refusal(calls().forgot(name))).toMatch(NO_ADDRESS);
  });
});
