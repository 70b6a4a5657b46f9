import {
  AdminUpdateUserAttributesCommand,
  type CreateUserPoolCommandInput,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, account, EXPIRED_CODE, LIMIT, WRONG_CODE } from '../support/account-calls.ts';
import { attributeList } from '../support/attributes.ts';
import { type House, openHouse } from '../support/house.ts';
import { wrongCode } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

// When an address counts as verified, who is sent a code, and how often [D: the guide's "Quotas"].

let house: House;
let pool: string;
let ClientId: string;
let count = 0;
let name: string;
let email: string;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const open = async (input: Partial<CreateUserPoolCommandInput> = {}) => {
  pool = await house.createPool(input);
  ({ ClientId } = await house.createClient(pool));
};
async function enter(values: (address: string) => Record<string, string>): Promise<Account> {
  count += 1;
  name = `user-${count}`;
  email = `${name}@example.com`;
  await house.createUser(pool, name, attributeList(values(email)));
  return account(house, ClientId, name);
}
const unverified = () => enter((address) => ({ email: address, email_verified: 'false' }));
const verified = () => enter((address) => ({ email: address, email_verified: 'true' }));
const adminUpdate = (values: Record<string, string>) =>
  house.sdk.send(
    new AdminUpdateUserAttributesCommand({
      UserPoolId: pool,
      Username: name,
      UserAttributes: attributeList(values),
    }),
  );
const outcomes = async (calls: Promise<unknown>[]) => {
  const met = await Promise.allSettled(calls);
  return met.map((one) => (one.status === 'fulfilled' ? 'done' : String(one.reason)));
};

describe('the verified flag of an address', () => {
  beforeAll(() => open({ AutoVerifiedAttributes: ['email', 'phone_number'] }));

  it('falls when the user changes the address, and a code goes to the new one', async () => {
    const user = await verified();
    const { CodeDeliveryDetailsList } = await user.update({
      email: `new-${email}`,
      phone_number: '+15550100',
    });
    expect(CodeDeliveryDetailsList?.map(({ AttributeName }) => AttributeName)).toEqual([
      'email',
      'phone_number',
    ]);
    expect(await user.attributes()).toMatchObject({
      email_verified: 'false',
      phone_number_verified: 'false',
    });
    await user.verify(await house.code(`new-${email}`));
    expect(await user.attributes()).toMatchObject({ email_verified: 'true', phone_number_verified: 'false' });
  });

  it('stays, and no code is sent, when the address is said again, verified or not [Q]', async () => {
    const user = await verified();
    expect((await user.update({ email })).CodeDeliveryDetailsList).toEqual([]);
    expect(await user.attributes()).toMatchObject({ email_verified: 'true' });
    await adminUpdate({ email_verified: 'false' });
    await user.askForCode();
    const code = await house.code(email);
    expect((await user.update({ email })).CodeDeliveryDetailsList).toEqual([]);
    expect(await house.messages(email, 0)).toHaveLength(1);
    // The code that is out is still good.
    await user.verify(code);
    expect(await user.attributes()).toMatchObject({ email_verified: 'true' });
  });

  it('falls when an administrator changes the address, unless the same request says otherwise', async () => {
    const user = await verified();
    await adminUpdate({ email: `new-${email}` });
    expect(await user.attributes()).toMatchObject({ email: `new-${email}`, email_verified: 'false' });
    expect((await house.messages(`new-${email}`)).length).toBe(1);
    for (const [flag, expected] of [
      ['true', 'true'],
      ['false', 'false'],
      ['True', 'true'],
    ] as const) {
      await adminUpdate({ email: `${flag}-${email}`, email_verified: flag });
      expect(await user.attributes()).toMatchObject({ email: `${flag}-${email}`, email_verified: expected });
    }
  });

  it('goes with the address', async () => {
    const user = await verified();
    await user.remove('email');
    expect(Object.keys(await user.attributes())).toEqual(['sub']);
    await user.update({ email });
    expect(await user.attributes()).toMatchObject({ email, email_verified: 'false' });
  });
});

describe('a code', () => {
  beforeAll(() => open({ AutoVerifiedAttributes: ['email', 'phone_number'] }));

  it('dies with the address that it went to, also when this comes back', async () => {
    const user = await unverified();
    await user.askForCode();
    const code = await house.code(email);
    await user.remove('email');
    await adminUpdate({ email, email_verified: 'false' });
    const newer = await house.code(email);
    if (newer !== code) expect(await refusal(user.verify(code))).toBe(WRONG_CODE);
    await user.remove('email');
    expect(await refusal(user.verify(newer))).toBe(EXPIRED_CODE);
  });

  it('is of one user, and of one attribute', async () => {
    const first = await unverified();
    await first.askForCode();
    const code = await house.code(email);
    const second = await unverified();
    expect(await refusal(second.verify(code))).toBe(EXPIRED_CODE);
    expect(await refusal(first.verify(code, 'phone_number'))).toBe(EXPIRED_CODE);
    await first.verify(code);
  });

  it('is consumed by one of many who show it at once', async () => {
    const user = await unverified();
    await user.askForCode();
    const code = await house.code(email);
    const met = await outcomes(Array.from({ length: 8 }, () => user.verify(code)));
    expect(met.filter((one) => one === 'done')).toHaveLength(1);
    expect(new Set(met)).toEqual(new Set(['done', EXPIRED_CODE]));
  });
});

describe('in an hour a user', () => {
  beforeAll(() => open({ AutoVerifiedAttributes: ['email'] }));

  it('may try 15 codes, of both addresses together, exactly, however many calls come at once', async () => {
    const user = await enter((address) => ({ email: address, phone_number: '+15550100' }));
    await user.askForCode('email');
    const code = await house.code(email);
    const guesses = Array.from({ length: 24 }, (_, index) =>
      user.verify(wrongCode(code), index % 2 ? 'email' : 'phone_number'),
    );
    const met = await outcomes(guesses);
    expect(met.filter((one) => one === LIMIT)).toHaveLength(9);
    expect(await refusal(user.verify(code))).toBe(LIMIT);
    expect(await user.attributes()).not.toMatchObject({ email_verified: 'true' });
  });

  it('may ask for 5 codes, exactly, however many calls come at once', async () => {
    const user = await unverified();
    const met = await outcomes(Array.from({ length: 12 }, () => user.askForCode()));
    expect(met.filter((one) => one === 'done')).toHaveLength(5);
    expect(new Set(met)).toEqual(new Set(['done', LIMIT]));
    expect(await house.messages(email)).toHaveLength(5);
  });

  it('may have 15 changes send codes; the next one changes nothing and sends nothing', async () => {
    const user = await verified();
    const addresses = Array.from({ length: 20 }, (_, index) => `at-${index}-${email}`);
    const met = await outcomes(addresses.map((address) => user.update({ email: address, name: address })));
    expect(met.filter((one) => one === 'done')).toHaveLength(15);
    expect(new Set(met)).toEqual(new Set(['done', LIMIT]));
    const sent = await Promise.all(addresses.map((address) => house.messages(address, 0)));
    expect(sent.map(({ length }) => (length === 1 ? 'done' : LIMIT))).toEqual(met);
    const { name: kept, email: now } = await user.attributes();
    expect(met[addresses.indexOf(now as string)]).toBe('done');
    expect(kept).toBe(now);
    // What sends no code is not limited, nor is an administrator.
    await user.update({ name: 'Ann' });
    await user.remove('email');
    await adminUpdate({ email: `admin-${email}` });
    expect(await house.messages(`admin-${email}`)).toHaveLength(1);
    expect(await refusal(user.update({ email: `once-more-${email}` }))).toBe(LIMIT);
  });

  it('is limited by what was sent, not by what was refused', async () => {
    const user = await verified();
    for (let tried = 0; tried < 16; tried += 1)
      await refusal(user.update({ email: `e${tried}-${email}`, 'custom:no': 'x' }));
    await user.update({ email: `new-${email}` });
  });

  it('starts anew', async () => {
    await using other = await openHouse();
    const poolId = await other.createPool({ AutoVerifiedAttributes: ['email'] });
    const app = await other.createClient(poolId, { AccessTokenValidity: 24 });
    await other.createUser(poolId, 'a', attributeList({ email: 'a@example.com' }));
    const user = await account(other, app.ClientId, 'a');
    const change = (index: number) => user.update({ email: `a${index}@example.com` });
    for (let index = 0; index < 15; index += 1) await change(index);
    for (let asked = 0; asked < 5; asked += 1) await user.askForCode();
    await other.advance('PT59M');
    expect(await refusal(change(99))).toBe(LIMIT);
    expect(await refusal(user.askForCode())).toBe(LIMIT);
    await other.advance('PT1M');
    await user.askForCode();
    await change(99);
  });
});
