import {
  CreateUserPoolClientCommand,
  type CreateUserPoolClientCommandInput,
  DeleteUserPoolClientCommand,
  DescribeUserPoolClientCommand,
  ListUserPoolClientsCommand,
  UpdateUserPoolClientCommand,
  type UserPoolClientType,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../support/house.ts';
import { asInputOf, uncovered } from '../support/model-members.ts';
import { recoveryCalls } from '../support/recovery-calls.ts';
import { refusal } from '../support/refusal.ts';

let house: House;
let UserPoolId: string;
beforeAll(async () => {
  house = await openHouse();
  UserPoolId = await house.createPool({ Schema: [{ Name: 'tier', AttributeDataType: 'String' }] });
});
afterAll(() => house[Symbol.asyncDispose]());

const create = async (input: Partial<CreateUserPoolClientCommandInput> = {}) => {
  const command = new CreateUserPoolClientCommand({ UserPoolId, ClientName: 'my app', ...input });
  return (await house.sdk.send(command)).UserPoolClient as UserPoolClientType;
};
const update = async (ClientId: string | undefined, input: object = {}) => {
  const command = new UpdateUserPoolClientCommand({ UserPoolId, ClientId, ...input });
  return (await house.sdk.send(command)).UserPoolClient as UserPoolClientType;
};
const describeClient = async (ClientId: string | undefined, pool = UserPoolId) => {
  const command = new DescribeUserPoolClientCommand({ UserPoolId: pool, ClientId });
  return (await house.sdk.send(command)).UserPoolClient as UserPoolClientType;
};
const gone = (id: string | undefined) => `ResourceNotFoundException: User pool client ${id} does not exist.`;

describe('a new app client', () => {
  it('has the defaults that AWS fills in', async () => {
    const client = await create();
    expect(client).toEqual({
      UserPoolId,
      ClientName: 'my app',
      ClientId: expect.stringMatching(/^[a-z0-9]{26}$/),
      LastModifiedDate: expect.any(Date),
      CreationDate: client.LastModifiedDate,
      RefreshTokenValidity: 30,
      TokenValidityUnits: { AccessToken: 'hours', IdToken: 'hours', RefreshToken: 'days' },
      ExplicitAuthFlows: ['ALLOW_CUSTOM_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH'],
      PreventUserExistenceErrors: 'LEGACY',
      EnableTokenRevocation: true,
      AuthSessionValidity: 3,
      AllowedOAuthFlowsUserPoolClient: false,
      EnablePropagateAdditionalUserContextData: false,
    });
    expect(await describeClient(client.ClientId)).toEqual(client);
  });

  it('has a secret when it asks for one, or brings its own', async () => {
    const made = await create({ GenerateSecret: true });
    expect(made.ClientSecret).toMatch(/^[a-z0-9]{40,64}$/);
    expect((await describeClient(made.ClientId)).ClientSecret).toBe(made.ClientSecret);
    const ClientSecret = 'abcdefghijklmnopqrstuvwxyz';
    expect((await create({ ClientSecret })).ClientSecret).toBe(ClientSecret);
    expect(await create({ GenerateSecret: false })).not.toHaveProperty('ClientSecret');
    expect(await refusal(create({ GenerateSecret: true, ClientSecret }))).toMatch(
      /^InvalidParameterException/,
    );
  });

  it.each<[string, Partial<CreateUserPoolClientCommandInput>, RegExp]>([
    [
      'an access token of a second',
      { AccessTokenValidity: 1, TokenValidityUnits: { AccessToken: 'seconds' } },
      /AccessTokenValidity/,
    ],
    [
      'an id token of two days',
      { IdTokenValidity: 2, TokenValidityUnits: { IdToken: 'days' } },
      /IdTokenValidity/,
    ],
    [
      'a refresh token of half an hour',
      { RefreshTokenValidity: 30, TokenValidityUnits: { RefreshToken: 'minutes' } },
      /RefreshTokenValidity/,
    ],
    ['a refresh token of eleven years', { RefreshTokenValidity: 4000 }, /RefreshTokenValidity/],
    [
      'an access token that outlives the refresh token',
      { AccessTokenValidity: 5, RefreshTokenValidity: 2, TokenValidityUnits: { RefreshToken: 'hours' } },
      /AccessTokenValidity/,
    ],
    [
      'flows of both spellings',
      { ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'USER_PASSWORD_AUTH'] },
      /ExplicitAuthFlows/,
    ],
    [
      'an unknown readable attribute',
      { ReadAttributes: ['custom:no'] },
      /: Invalid read attributes specified/,
    ],
    ['an unknown writable attribute', { WriteAttributes: ['tier'] }, /: Invalid write attributes specified/],
    ['a session of 16 minutes', { AuthSessionValidity: 16 }, /less than or equal to 15/],
  ])('cannot have %s', async (_, input, expected) => {
    const text = await refusal(create(input));
    expect(text).toMatch(/^InvalidParameterException/);
    expect(text).toMatch(expected);
  });

  it('needs a pool [E]', async () => {
    expect(await refusal(create({ UserPoolId: 'us-east-1_nowhere' }))).toBe(
      'ResourceNotFoundException: User pool us-east-1_nowhere does not exist.',
    );
  });
});

/** Members that can be set whenever, are stored, shown again and obeyed. */
const obeyed: Record<string, object> = {
  ClientName: { ClientName: 'another' },
  RefreshTokenValidity: { RefreshTokenValidity: 7 },
  AccessTokenValidity: { AccessTokenValidity: 2 },
  IdTokenValidity: { IdTokenValidity: 2 },
  'TokenValidityUnits.AccessToken': {
    AccessTokenValidity: 30,
    TokenValidityUnits: { AccessToken: 'minutes' },
  },
  'TokenValidityUnits.IdToken': { IdTokenValidity: 600, TokenValidityUnits: { IdToken: 'seconds' } },
  'TokenValidityUnits.RefreshToken': {
    RefreshTokenValidity: 3,
    TokenValidityUnits: { RefreshToken: 'hours' },
  },
  ReadAttributes: { ReadAttributes: ['email', 'custom:tier'] },
  WriteAttributes: { WriteAttributes: ['email', 'custom:tier'] },
  ExplicitAuthFlows: { ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_AUTH'] },
  PreventUserExistenceErrors: { PreventUserExistenceErrors: 'ENABLED' },
  EnableTokenRevocation: { EnableTokenRevocation: false },
  AuthSessionValidity: { AuthSessionValidity: 10 },
  RefreshTokenRotation: { RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 10 } },
};

/** Members that are not obeyed yet: what is refused, naming the member, and what asks for nothing and is accepted. */
const refused: Record<string, { refused: object[]; accepted: object[] }> = {
  SupportedIdentityProviders: {
    refused: [{ SupportedIdentityProviders: ['COGNITO', 'Google'] }],
    accepted: [{ SupportedIdentityProviders: ['COGNITO'] }, { SupportedIdentityProviders: [] }],
  },
  CallbackURLs: { refused: [{ CallbackURLs: ['https://a.example'] }], accepted: [{ CallbackURLs: [] }] },
  LogoutURLs: { refused: [{ LogoutURLs: ['https://a.example'] }], accepted: [{ LogoutURLs: [] }] },
  DefaultRedirectURI: { refused: [{ DefaultRedirectURI: 'https://a.example' }], accepted: [] },
  AllowedOAuthFlows: { refused: [{ AllowedOAuthFlows: ['code'] }], accepted: [{ AllowedOAuthFlows: [] }] },
  AllowedOAuthScopes: {
    refused: [{ AllowedOAuthScopes: ['openid'] }],
    accepted: [{ AllowedOAuthScopes: [] }],
  },
  AllowedOAuthFlowsUserPoolClient: {
    refused: [{ AllowedOAuthFlowsUserPoolClient: true }],
    accepted: [{ AllowedOAuthFlowsUserPoolClient: false }],
  },
  AnalyticsConfiguration: {
    refused: [{ AnalyticsConfiguration: { ApplicationId: 'abc', UserDataShared: true } }],
    accepted: [],
  },
  EnablePropagateAdditionalUserContextData: {
    refused: [{ EnablePropagateAdditionalUserContextData: true }],
    accepted: [{ EnablePropagateAdditionalUserContextData: false }],
  },
};

describe('no setting of an app client is dropped without a word', () => {
  const settable = [...Object.keys(obeyed), ...Object.keys(refused), 'UserPoolId'];

  it('CreateUserPoolClient: each member of the model is obeyed or refused', () => {
    const known = new Set([...settable, 'GenerateSecret', 'ClientSecret']);
    expect(uncovered('CreateUserPoolClient', known)).toEqual([]);
  });
  it('UpdateUserPoolClient: each member of the model is obeyed or refused', () => {
    expect(uncovered('UpdateUserPoolClient', new Set([...settable, 'ClientId']))).toEqual([]);
  });

  it.each(Object.entries(obeyed))('%s is obeyed and shown again', async (_, input) => {
    const { ClientId } = await create();
    expect(await create(input)).toMatchObject(input);
    expect(await update(ClientId, input)).toMatchObject(input);
    expect(await describeClient(ClientId)).toMatchObject(input);
  });

  const each = (kind: 'refused' | 'accepted') =>
    Object.entries(refused).flatMap(([member, row]) =>
      row[kind].map((input) => [member, JSON.stringify(input), input] as const),
    );
  it.each(each('refused'))('%s is refused by name: %s', async (member, _, input) => {
    const { ClientId } = await create();
    for (const answer of [create(input), update(ClientId, input)].map(refusal)) {
      expect(await answer).toBe(`InvalidParameterException: ${member} is not supported by Poolkeeper yet.`);
    }
  });
  it.each(each('accepted'))('%s that asks for nothing is accepted: %s', async (_member, _, input) => {
    const { ClientId } = await create(input);
    await update(ClientId, input);
  });
});

describe('UpdateUserPoolClient', () => {
  it('sets what it names and puts the rest back to the defaults; the secret stays [D]', async () => {
    const before = await create({
      GenerateSecret: true,
      PreventUserExistenceErrors: 'ENABLED',
      AuthSessionValidity: 9,
    });
    const after = await update(before.ClientId, { AuthSessionValidity: 4 });
    expect(after).toMatchObject({
      ClientName: 'my app',
      ClientSecret: before.ClientSecret,
      AuthSessionValidity: 4,
      PreventUserExistenceErrors: 'LEGACY',
    });
  });

  it('takes back everything that DescribeUserPoolClient shows, and changes nothing by it', async () => {
    const units = { AccessToken: 'minutes', IdToken: 'seconds', RefreshToken: 'days' } as const;
    const validity = { AccessTokenValidity: 30, IdTokenValidity: 600, TokenValidityUnits: units };
    const before = await create({
      ...Object.assign({}, ...Object.values(obeyed)),
      ...validity,
      GenerateSecret: true,
      SupportedIdentityProviders: ['COGNITO'],
    });
    await update(before.ClientId, asInputOf('UpdateUserPoolClient', before));
    expect(await describeClient(before.ClientId)).toEqual({ ...before, LastModifiedDate: expect.any(Date) });
  });

  it('holds from the next request on', async () => {
    const { ClientId } = await create();
    const calls = recoveryCalls(house, { ClientId: ClientId as string });
    expect(await refusal(calls.forgot('nobody'))).toMatch(/^UserNotFoundException/);
    await update(ClientId, { PreventUserExistenceErrors: 'ENABLED' });
    expect(await calls.forgot('nobody')).toHaveProperty('CodeDeliveryDetails');
  });
});

describe('an app client of another pool', () => {
  it('is not found, whatever is asked of it', async () => {
    const { ClientId } = await create();
    const other = await house.createPool();
    const there = { UserPoolId: other, ClientId };
    expect(await refusal(describeClient(ClientId, other))).toBe(gone(ClientId));
    expect(await refusal(house.sdk.send(new UpdateUserPoolClientCommand(there)))).toBe(gone(ClientId));
    expect(await refusal(house.sdk.send(new DeleteUserPoolClientCommand(there)))).toBe(gone(ClientId));
    await describeClient(ClientId);
  });
});

describe('DeleteUserPoolClient', () => {
  it('ends the client at once', async () => {
    const { ClientId } = await create();
    const deletion = new DeleteUserPoolClientCommand({ UserPoolId, ClientId });
    await house.sdk.send(deletion);
    expect(await refusal(describeClient(ClientId))).toBe(gone(ClientId));
    expect(await refusal(house.sdk.send(deletion))).toBe(gone(ClientId));
    expect(await refusal(recoveryCalls(house, { ClientId: ClientId as string }).forgot('a'))).toBe(
      gone(ClientId),
    );
  });
});

describe('ListUserPoolClients', () => {
  it('pages through every client of the pool once, without secrets', async () => {
    const pool = await house.createPool();
    for (let count = 0; count < 5; count++) await create({ UserPoolId: pool, GenerateSecret: true });
    const seen: object[] = [];
    let NextToken: string | undefined;
    do {
      const page = await house.sdk.send(
        new ListUserPoolClientsCommand({ UserPoolId: pool, MaxResults: 2, NextToken }),
      );
      expect(page.UserPoolClients?.length).toBeLessThanOrEqual(2);
      seen.push(...(page.UserPoolClients ?? []));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    expect(seen).toHaveLength(5);
    for (const client of seen) {
      expect(client).toEqual({ ClientId: expect.any(String), ClientName: 'my app', UserPoolId: pool });
    }
  });
});
