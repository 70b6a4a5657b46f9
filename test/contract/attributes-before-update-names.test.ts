import type { CreateUserPoolCommandInput } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, account } from '../support/account-calls.ts';
import { attributeList } from '../support/attributes.ts';
import { type House, openHouse } from '../support/house.ts';
import { recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { signIn } from '../support/sign-in.ts';

// A new address that is to be proven first, where users sign in by it: the name moves with the proof.

const ALIAS_EXISTS = 'AliasExistsException: An account with the email already exists.';

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
});
afterAll(() => house[Symbol.asyncDispose]());
beforeEach(() => {
  count += 1;
  name = `user-${count}`;
  old = `old-${count}@example.com`;
  next = `next-${count}@example.org`;
});

async function open(input: Partial<CreateUserPoolCommandInput>) {
  pool = await house.createPool({
    AutoVerifiedAttributes: ['email'],
    UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] },
    ...input,
  });
  ({ ClientId } = await house.createClient(pool));
}
async function enter() {
  await house.createUser(pool, name, attributeList({ email: old, email_verified: 'true' }));
  user = await account(house, ClientId, name);
}
const forgot = () => recoveryCalls(house, { ClientId }).forgot(name);
async function otherOf(address: string) {
  const other = `other-${count}`;
  await house.createUser(pool, other, attributeList({ email: address, email_verified: 'true' }));
  return other;
}

describe('a pool with the email as an alias', () => {
  beforeAll(() => open({ AliasAttributes: ['email'] }));
  beforeEach(() => enter());

  it('lets the user sign in by the old address until the new one is proven, and then by this one', async () => {
    await user.update({ email: next });
    await signIn(house, ClientId, old);
    expect(await refusal(signIn(house, ClientId, next))).toMatch('UserNotFoundException');
    await user.verify(await house.code(next));
    await signIn(house, ClientId, next);
    expect(await refusal(signIn(house, ClientId, old))).toMatch('UserNotFoundException');
  });

  it('tells at the proof that somebody else has the address, and changes nothing', async () => {
    await otherOf(next);
    await user.update({ email: next });
    const code = await house.code(next);
    expect(await refusal(user.verify(code))).toBe(ALIAS_EXISTS);
    expect(await user.attributes()).toMatchObject({ email: old, email_verified: 'true' });
    await signIn(house, ClientId, old);
    await signIn(house, ClientId, next);
    expect((await forgot()).CodeDeliveryDetails?.Destination).toBe('o***@e***');
  });

  it('gives an address that two wait for to the first who proves it', async () => {
    const other = await otherOf(`rival-${count}@example.com`);
    const rival = await account(house, ClientId, other);
    await user.update({ email: next });
    const mine = await house.code(next);
    await rival.update({ email: next });
    const theirs = await house.code(next);
    const [first, second] = await Promise.allSettled([user.verify(mine), rival.verify(theirs)]);
    const lost = first?.status === 'rejected' ? first : second;
    expect([first?.status, second?.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect(String((lost as PromiseRejectedResult).reason)).toBe(ALIAS_EXISTS);
  });
});

describe('a pool whose usernames are addresses', () => {
  beforeAll(() => open({ UsernameAttributes: ['email', 'phone_number'] }));
  beforeEach(async () => {
    await house.createUser(pool, old, attributeList({ email: old, email_verified: 'true' }));
    user = await account(house, ClientId, old);
  });

  it('keeps the old one as the name until the new one is proven', async () => {
    await user.update({ email: next });
    await signIn(house, ClientId, old);
    expect(await refusal(signIn(house, ClientId, next))).toMatch('UserNotFoundException');
    // Nobody has it yet, so nobody is kept from signing up with it.
    await house.createUser(pool, next, attributeList({ email: next }));
    expect(await refusal(user.verify(await house.code(next)))).toBe(ALIAS_EXISTS);
    await signIn(house, ClientId, old);
  });

  it('moves the name with the proof', async () => {
    await user.update({ email: next });
    await user.verify(await house.code(next));
    await signIn(house, ClientId, next);
    expect(await refusal(signIn(house, ClientId, old))).toMatch('UserNotFoundException');
  });

  it('keeps a user from giving up the last name for one that is not proven', async () => {
    const number = `+1555${String(count).padStart(7, '0')}`;
    await house.createUser(pool, number, attributeList({ phone_number: number }));
    const caller = await account(house, ClientId, number);
    expect(await refusal(caller.update({ phone_number: '', email: `e-${count}@example.com` }))).toMatch(
      'needs email or phone_number to sign in',
    );
    await signIn(house, ClientId, number);
  });
});
