import {
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminUpdateUserAttributesCommand,
  type CreateUserPoolCommandInput,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import { newName, recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { srpClient } from '../support/srp-client.ts';
import { choiceCalls, firstFactors } from '../support/user-auth.ts';

// PreventUserExistenceErrors ENABLED. A user who is called by their username, their sub or an alias is one and the same
// user: one salt, one address, one count of attempts. So must somebody be who does not exist, under the name that was
// typed and under the username that SRP tells of them.

const MISMATCH = 'CodeMismatchException: Invalid verification code provided, please try again.';
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

async function open(options: Partial<CreateUserPoolCommandInput>) {
  const UserPoolId = await house.createPool(options);
  const { ClientId } = await house.createClient(UserPoolId, {
    PreventUserExistenceErrors: 'ENABLED',
    ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_USER_AUTH', 'ALLOW_USER_PASSWORD_AUTH'],
  });
  const calls = recoveryCalls(house, { ClientId });
  const { SRP_A } = srpClient(UserPoolId);
  const srp = async (name: string) => {
    const AuthParameters = { USERNAME: name, SRP_A };
    const command = new InitiateAuthCommand({ ClientId, AuthFlow: 'USER_SRP_AUTH', AuthParameters });
    return (await house.sdk.send(command)).ChallengeParameters ?? {};
  };
  const choice = choiceCalls(house, { ClientId });
  return {
    ...calls,
    UserPoolId,
    ClientId,
    srp,
    told: async (name: string) => (await srp(name))['USER_ID_FOR_SRP'] as string,
    choice,
    destination: async (name: string) => (await calls.forgot(name)).CodeDeliveryDetails,

    /** Everything that an attacker sees of a name before there is any proof. */
    async seen(name: string) {
      const { SALT, USERNAME, USER_ID_FOR_SRP } = await srp(name);
      const resend = new ResendConfirmationCodeCommand({ ClientId, Username: name });
      return {
        SALT,
        USERNAME,
        USER_ID_FOR_SRP,
        reset: (await calls.forgot(name)).CodeDeliveryDetails,
        resent: (await house.sdk.send(resend)).CodeDeliveryDetails,
        offered: (await choice.start(name)).AvailableChallenges,
        byEmail: (await choice.prefer(name, 'EMAIL_OTP')).ChallengeParameters,
      };
    },
  };
}
type Shop = Awaited<ReturnType<typeof open>>;

const pools: [string, Partial<CreateUserPoolCommandInput>, string[]][] = [
  [
    'usernames are emails',
    { UsernameAttributes: ['email'] },
    ['quentin@zebra.example', 'Ünal@ödp.example', 'plain'],
  ],
  [
    'usernames are emails or phone numbers',
    { UsernameAttributes: ['email', 'phone_number'] },
    ['quentin@zebra.example', '+12065557788', '+4412345678'],
  ],
  [
    'usernames are phone numbers',
    { UsernameAttributes: ['phone_number'], AutoVerifiedAttributes: ['phone_number'] },
    ['+12065557788', '+919', 'quentin@zebra.example'],
  ],
  [
    'emails are aliases',
    { AliasAttributes: ['email', 'phone_number'] },
    ['quentin@zebra.example', '+12065557788'],
  ],
  [
    'the case of names is folded',
    { UsernameAttributes: ['email'], UsernameConfiguration: { CaseSensitive: false } },
    ['Quentin@Zebra.example'],
  ],
];

describe.each(pools)('where %s, nobody', (_, options, names) => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await open({ ...firstFactors('PASSWORD', 'EMAIL_OTP'), ...options });
  });

  it.each(names)('is the same by the username that SRP tells: %s', async (name) => {
    const typed = await shop.seen(name);
    const told = typed.USER_ID_FOR_SRP as string;
    expect(told).toMatch(UUID_V4);
    expect(await shop.seen(told)).toEqual(typed);
  });

  it('has one code and one count of attempts by both names', async () => {
    const name = names[0] as string;
    const told = await shop.told(name);
    await shop.destination(name);
    const outcomes: string[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1)
      outcomes.push(await refusal(shop.confirm(attempt % 2 ? name : told, '000000')));
    expect(outcomes[0]).toBe(MISMATCH);
    expect(outcomes.at(-1)).toMatch(/^LimitExceededException/);
    expect(await refusal(shop.forgot(told))).toMatch(/^LimitExceededException/);
    expect(await refusal(shop.forgot(name))).toMatch(/^LimitExceededException/);
  });
});

describe('the made-up username', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await open({ AliasAttributes: ['email'] });
  });

  it('has the form of a random UUID in all its digits, like a sub', async () => {
    const told = await Promise.all(
      Array.from({ length: 64 }, (_, index) => shop.told(`nobody${index}@example.com`)),
    );
    for (const one of told) expect(one).toMatch(UUID_V4);
    for (const [at, digit] of [...(told[0] as string)].entries()) {
      if (digit === '-' || at === 14) continue;
      const seen = new Set(told.map((one) => one[at]));
      expect(seen.size, `digit ${at}`).toBeGreaterThan(at === 19 ? 2 : 8);
      if (at === 19) expect([...seen].sort()).toEqual(['8', '9', 'a', 'b']);
    }
  });

  it('is told wherever it is used, and proves nothing', async () => {
    const name = 'nobody@example.com';
    const told = await shop.told(name);
    const client = srpClient(shop.UserPoolId);
    const AuthParameters = { USERNAME: told, SRP_A: client.SRP_A };
    const begun = await house.sdk.send(
      new InitiateAuthCommand({ ClientId: shop.ClientId, AuthFlow: 'USER_SRP_AUTH', AuthParameters }),
    );
    const proof = new RespondToAuthChallengeCommand({
      ClientId: shop.ClientId,
      ChallengeName: 'PASSWORD_VERIFIER',
      ChallengeResponses: client.prove(begun.ChallengeParameters, PASSWORD),
    });
    const wrong = 'NotAuthorizedException: Incorrect username or password.';
    expect(await refusal(house.sdk.send(proof))).toBe(wrong);
    expect(await refusal(shop.signIn(told))).toBe(wrong);
  });

  it('is no name for who signs up with it, as no sub is: they would learn whose it is not', async () => {
    const told = await shop.told('nobody@example.com');
    const before = await shop.destination(told);
    await house.sdk.send(
      new SignUpCommand({
        ClientId: shop.ClientId,
        Username: told,
        Password: PASSWORD,
        UserAttributes: attributeList({ email: 'thief@example.com' }),
      }),
    );
    expect(await house.code('thief@example.com')).toBeDefined();
    const known = (await house.messages('thief@example.com')).length;
    expect(await shop.destination(told)).toEqual(before);
    expect(await shop.told(told)).toBe(told);
    expect(await refusal(shop.signIn(told))).toMatch(/Incorrect username or password/);
    expect(await house.messages('thief@example.com')).toHaveLength(known);
    // An administrator names whom they see.
    const named = { UserPoolId: shop.UserPoolId, Username: told };
    const { UserAttributes } = await house.sdk.send(new AdminGetUserCommand(named));
    expect(UserAttributes).toContainEqual({ Name: 'email', Value: 'thief@example.com' });
  });

  it('is a name like any other in another pool', async () => {
    const other = await open({ AliasAttributes: ['email'] });
    const told = await shop.told('nobody@example.com');
    expect(await other.told(told)).toBe(told);
    await house.createUser(other.UserPoolId, told);
    await other.signIn(told);
  });
});

describe('a user who may not recover', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await open({ UsernameAttributes: ['email'] });
  });
  async function create(attributes?: Record<string, string>) {
    const email = `${newName('q')}@zebra.example`;
    await house.createUser(shop.UserPoolId, email, attributes && attributeList({ email, ...attributes }));
    return { email, sub: await shop.told(email) };
  }
  const SHOWN = { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: 'q***@z***' };

  it('has the address that they had when they could, by every name', async () => {
    const { email, sub } = await create({ email_verified: 'true' });
    expect(await shop.destination(email)).toEqual(SHOWN);
    const named = { UserPoolId: shop.UserPoolId, Username: email };
    await house.sdk.send(new AdminDisableUserCommand(named));
    for (const name of [email, sub]) expect(await shop.destination(name)).toEqual(SHOWN);
  });

  it('has one by every name who never could', async () => {
    const { email, sub } = await create({ email_verified: 'false' });
    for (const name of [email, sub]) expect(await shop.destination(name)).toEqual(SHOWN);
  });

  it('and has no address at all has one that is made up for them', async () => {
    const plain = await open({});
    const name = newName();
    await house.createUser(plain.UserPoolId, name, []);
    const named = { UserPoolId: plain.UserPoolId, Username: name };
    const { UserAttributes } = await house.sdk.send(new AdminGetUserCommand(named));
    const sub = UserAttributes?.find(({ Name }) => Name === 'sub')?.Value as string;
    const shown = await plain.destination(name);
    expect(shown?.Destination).toMatch(/^[a-z]\*{3}@[a-z]\*{3}$/);
    expect(await plain.destination(sub)).toEqual(shown);
    // Once they have one, it is no longer made up.
    const UserAttributesNow = attributeList({ email: 'x@y.example', email_verified: 'true' });
    await house.sdk.send(
      new AdminUpdateUserAttributesCommand({ ...named, UserAttributes: UserAttributesNow }),
    );
    expect(await plain.destination(sub)).toMatchObject({ Destination: 'x***@y***' });
  });
});
