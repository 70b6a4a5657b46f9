import {
  AddUserPoolClientSecretCommand,
  DeleteUserPoolClientCommand,
  DeleteUserPoolClientSecretCommand,
  DescribeUserPoolClientCommand,
  ListUserPoolClientSecretsCommand,
  RevokeTokenCommand,
  UpdateUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../support/database.ts';
import { type House, openHouse, raw } from '../support/house.ts';
import { recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';
import { secretHash } from '../support/sign-in.ts';

// Two secrets of one app client, so that it can change from one to the other without a break. Unless it says otherwise,
// what is asserted is documented for AddUserPoolClientSecret, ListUserPoolClientSecrets and DeleteUserPoolClientSecret.

const OWN = 'my_own_secret_of_32_characters_+';

let database: Database;
let house: House;
let UserPoolId: string;
beforeAll(async () => {
  database = await openDatabase();
  house = await openHouse(database.options);
  UserPoolId = await house.createPool();
  await house.createUser(UserPoolId, 'ann');
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

type Client = { ClientId: string; ClientSecret?: string };
const confidential = () => house.createClient(UserPoolId, { GenerateSecret: true });

async function add({ ClientId }: Client, ClientSecret?: string) {
  const command = new AddUserPoolClientSecretCommand({ UserPoolId, ClientId, ClientSecret });
  const { ClientSecretDescriptor } = await house.sdk.send(command);
  return ClientSecretDescriptor as { ClientSecretId: string; ClientSecretValue?: string };
}
async function list({ ClientId }: Client, NextToken?: string) {
  const command = new ListUserPoolClientSecretsCommand({ UserPoolId, ClientId, NextToken });
  return (await house.sdk.send(command)).ClientSecrets ?? [];
}
const idsOf = async (client: Client) => (await list(client)).map((one) => one.ClientSecretId ?? '');
const remove = ({ ClientId }: Client, ClientSecretId: string) =>
  house.sdk.send(new DeleteUserPoolClientSecretCommand({ UserPoolId, ClientId, ClientSecretId }));
const shownSecret = async ({ ClientId }: Client) =>
  (await house.sdk.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }))).UserPoolClient
    ?.ClientSecret;

/** Whether a secret is in force: by its hash, and in clear. */
async function isGood({ ClientId }: Client, ClientSecret: string | undefined): Promise<boolean> {
  const client = { ClientId, ClientSecret: ClientSecret as string };
  const confirm = recoveryCalls(house, client).confirm;
  const byHash = await refusal(confirm('nobody', '1', undefined, secretHash(client, 'nobody')));
  const inClear = house.sdk.send(new RevokeTokenCommand({ Token: 'x', ClientId, ClientSecret }));
  const good = await inClear.then(
    () => true,
    () => false,
  );
  expect(byHash).toMatch(good ? /^UserNotFoundException/ : /Unable to verify secret hash/);
  return good;
}

describe('a second secret', () => {
  it('is generated and shown once, or brought along and not shown', async () => {
    const client = await confidential();
    const made = await add(client);
    expect(made).toEqual({
      ClientSecretId: expect.stringMatching(new RegExp(`^${client.ClientId}--\\d+$`)),
      ClientSecretValue: expect.stringMatching(/^[\w+]{24,64}$/),
      ClientSecretCreateDate: expect.any(Date),
    });
    const other = await confidential();
    expect(await add(other, OWN)).toEqual({
      ClientSecretId: expect.stringContaining(other.ClientId),
      ClientSecretCreateDate: expect.any(Date),
    });
    expect(await isGood(client, made.ClientSecretValue)).toBe(true);
    expect(await isGood(other, OWN)).toBe(true);
  });

  it('stands beside the first until one of them is deleted, which then opens nothing', async () => {
    const client = await confidential();
    const { ClientSecretId, ClientSecretValue } = await add(client);
    const [first, second] = await idsOf(client);
    expect(second).toBe(ClientSecretId);
    for (const secret of [client.ClientSecret, ClientSecretValue])
      expect(await isGood(client, secret)).toBe(true);

    await remove(client, first as string);
    expect(await idsOf(client)).toEqual([second]);
    expect(await isGood(client, client.ClientSecret)).toBe(false);
    expect(await isGood(client, ClientSecretValue)).toBe(true);
  });

  it('may be the one that goes', async () => {
    const client = await confidential();
    const { ClientSecretId, ClientSecretValue } = await add(client);
    await remove(client, ClientSecretId);
    expect(await isGood(client, client.ClientSecret)).toBe(true);
    expect(await isGood(client, ClientSecretValue)).toBe(false);
  });

  it('can follow again and again', async () => {
    const client = await confidential();
    const seen = new Set(await idsOf(client));
    let current = client.ClientSecret;
    for (let turn = 0; turn < 3; turn += 1) {
      const { ClientSecretId, ClientSecretValue } = await add(client);
      expect(seen).not.toContain(ClientSecretId);
      seen.add(ClientSecretId);
      const [oldest] = await idsOf(client);
      await remove(client, oldest as string);
      expect(await isGood(client, current)).toBe(false);
      current = ClientSecretValue;
      expect(await isGood(client, current)).toBe(true);
    }
  });

  it('is as old as its id says, and the first as old as the client', async () => {
    const client = await confidential();
    await add(client);
    const secrets = await list(client);
    for (const { ClientSecretId, ClientSecretCreateDate } of secrets)
      expect(ClientSecretId).toBe(`${client.ClientId}--${ClientSecretCreateDate?.getTime()}`);
    const { UserPoolClient } = await house.sdk.send(
      new DescribeUserPoolClientCommand({ UserPoolId, ClientId: client.ClientId }),
    );
    expect(secrets[0]?.ClientSecretCreateDate).toEqual(UserPoolClient?.CreationDate);
  });

  it('stays through UpdateUserPoolClient', async () => {
    const client = await confidential();
    const { ClientSecretValue } = await add(client);
    const { ClientId } = client;
    await house.sdk.send(new UpdateUserPoolClientCommand({ UserPoolId, ClientId, ClientName: 'renamed' }));
    for (const secret of [client.ClientSecret, ClientSecretValue])
      expect(await isGood(client, secret)).toBe(true);
  });
});

describe('what is shown', () => {
  it('ListUserPoolClientSecrets has both, the older one first, without a value and without a next page', async () => {
    const client = await confidential();
    await add(client, OWN);
    const request = { UserPoolId, ClientId: client.ClientId };
    const { json, text } = await raw(house.url, 'ListUserPoolClientSecrets', request);
    expect(Object.keys(json)).toEqual(['ClientSecrets']);
    for (const one of json.ClientSecrets)
      expect(Object.keys(one).sort()).toEqual(['ClientSecretCreateDate', 'ClientSecretId']);
    expect(text).not.toContain(OWN);
    expect(text).not.toContain(client.ClientSecret);
    expect(await refusal(list(client, 'bmV4dA'))).toMatch(/^InvalidParameterException: .*pagination token/);
  });

  it('DescribeUserPoolClient has the older of two (undetermined on AWS)', async () => {
    const client = await confidential();
    const { ClientSecretValue } = await add(client);
    expect(await shownSecret(client)).toBe(client.ClientSecret);
    await remove(client, (await idsOf(client))[0] as string);
    expect(await shownSecret(client)).toBe(ClientSecretValue);
  });

  it('the database has no secret in clear, and the only one where earlier versions look for it', async () => {
    const client = await confidential();
    const { ClientSecretId, ClientSecretValue } = await add(client);
    const stored = async () => {
      const [row] = await database.rows(`select * from app_clients where id = '${client.ClientId}'`);
      return row as Record<string, Uint8Array | null>;
    };
    const both = await stored();
    for (const column of ['sealed_secret', 'second_sealed_secret']) {
      const sealed = Buffer.from(both[column] as Uint8Array).toString('latin1');
      expect(sealed).not.toContain(client.ClientSecret);
      expect(sealed).not.toContain(ClientSecretValue);
    }
    const [first] = await idsOf(client);
    await remove(client, first as string);
    expect(await idsOf(client)).toEqual([ClientSecretId]);
    const one = await stored();
    expect(one['sealed_secret']).not.toBeNull();
    expect(one['second_sealed_secret']).toBeNull();
  });
});

describe('refused', () => {
  it('is a third secret, also of several that are added at once', async () => {
    const client = await confidential();
    const added = await Promise.allSettled(Array.from({ length: 8 }, () => add(client)));
    expect(added.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const names = added.flatMap((one) => (one.status === 'rejected' ? [one.reason.name] : []));
    expect(new Set(names)).toEqual(new Set(['LimitExceededException']));
    expect(await list(client)).toHaveLength(2);
  });

  it('is the deletion of the last one, also when both are deleted at once', async () => {
    const client = await confidential();
    await add(client);
    const ids = await idsOf(client);
    const gone = await Promise.allSettled([...ids, ...ids].map((id) => remove(client, id)));
    expect(gone.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const [last, ...none] = await idsOf(client);
    expect(none).toEqual([]);
    expect(await refusal(remove(client, last as string))).toMatch(
      /^InvalidParameterException: .*last secret/,
    );
  });

  it('is the value that the client has already: a deletion would leave it in force', async () => {
    const client = await confidential();
    expect(await refusal(add(client, client.ClientSecret))).toMatch(/^InvalidParameterException/);
    expect(await list(client)).toHaveLength(1);
  });

  it('is a secret for a client that was made without: that is what an app relies on [I]', async () => {
    const open = await house.createClient(UserPoolId);
    expect(await list(open)).toEqual([]);
    expect(await refusal(add(open))).toMatch(/^InvalidParameterException: .*not configured for secret/);
    expect(await refusal(add(open, OWN))).toMatch(/^InvalidParameterException/);
    await recoveryCalls(house, open).forgot('ann');
  });

  it.each([
    ['of 23 characters', 'a'.repeat(23)],
    ['of 65 characters', 'a'.repeat(65)],
    ['with a sign', `${'a'.repeat(30)}$`],
  ])('is a value %s, which is not repeated', async (_, value) => {
    const client = await confidential();
    const text = await refusal(add(client, value));
    expect(text).toMatch(/^InvalidParameterException: 1 validation error detected: Value at 'clientSecret'/);
    expect(text).not.toContain(value);
  });

  it('is an id of another client, or of none', async () => {
    const [client, other] = [await confidential(), await confidential()];
    await add(client);
    const [theirs] = await idsOf(other);
    for (const id of [theirs as string, 'x', `${client.ClientId}--0`]) {
      expect(await refusal(remove(client, id))).toBe(
        `ResourceNotFoundException: Client secret ${id} does not exist.`,
      );
    }
  });

  it('are all three for a client that is not there, or in another pool', async () => {
    const elsewhere = await house.createClient(await house.createPool(), { GenerateSecret: true });
    const deleted = await confidential();
    const { ClientId } = deleted;
    await house.sdk.send(new DeleteUserPoolClientCommand({ UserPoolId, ClientId }));
    for (const client of [elsewhere, deleted, { ClientId: 'nobody123' }]) {
      const text = `ResourceNotFoundException: User pool client ${client.ClientId} does not exist.`;
      expect(await refusal(add(client))).toBe(text);
      expect(await refusal(list(client))).toBe(text);
      expect(await refusal(remove(client, 'x'))).toBe(text);
    }
  });
});
