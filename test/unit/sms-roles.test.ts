import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NotAccepted } from '../../packages/server/src/domain/delivery/channels/channel.ts';
import { createRoles, type Role } from '../../packages/server/src/domain/delivery/channels/sms-roles.ts';
import { assumed, formOf, queryError, signerOf } from '../support/aws-stand-in.ts';
import { type Behaviour, openProviderServer, type ProviderServer } from '../support/provider-server.ts';
import { NOW, patienceFor, ROLE } from '../support/sms.ts';

const HOUR = 3_600_000;
const role: Role = { arn: ROLE, externalId: 'their-id' };

let sts: ProviderServer;
let clock: { time: number; now(): number };
let roles: ReturnType<typeof createRoles>;
const rolesWith = (patience?: number) =>
  createRoles({ region: 'eu-west-1', endpoint: sts.url }, clock, patience);
beforeEach(async () => {
  sts = await openProviderServer();
  clock = { time: NOW, now: () => clock.time };
  roles = rolesWith();
  let number = 0;
  // Asked twice for each request: before it is read, and after.
  sts.answerWith(({ body }) => assumed(body === '' ? 0 : ++number, clock.time + HOUR));
});
afterEach(async () => {
  await roles.close();
  await sts[Symbol.asyncDispose]();
});

const keyOf = async (asked: Role = role) => (await roles.credentialsOf(asked)).accessKeyId;
const failure = async (asked: Role = role) => {
  const error = (await roles.credentialsOf(asked).catch((thrown) => thrown)) as NotAccepted;
  return { code: error.code, blames: error.blames };
};

test('a role is assumed with its ExternalId, by the server itself, in the region of the channel', async () => {
  expect(await roles.credentialsOf(role)).toEqual({
    accessKeyId: 'ASIA1',
    secretAccessKey: 'secret1',
    sessionToken: 'token1',
  });
  expect(sts.requests.map(formOf)).toEqual([
    {
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: ROLE,
      RoleSessionName: 'poolkeeper',
      DurationSeconds: '3600',
      ExternalId: 'their-id',
    },
  ]);
  expect(sts.requests.map(signerOf)).toEqual([{ key: 'test', region: 'eu-west-1', service: 'sts' }]);
  await roles.credentialsOf({ arn: ROLE, externalId: undefined });
  expect(formOf(sts.requests[1] as never)).not.toHaveProperty('ExternalId');
});

test('who asks meanwhile waits for the same answer, and each ExternalId has its own', async () => {
  expect(new Set(await Promise.all([keyOf(), keyOf(), keyOf()]))).toEqual(new Set(['ASIA1']));
  // With another's ExternalId a pool must not get what was given for this one.
  expect(await keyOf({ arn: ROLE, externalId: 'other' })).toBe('ASIA2');
  expect(await keyOf({ arn: `${ROLE}2`, externalId: 'their-id' })).toBe('ASIA3');
  expect(await keyOf()).toBe('ASIA1');
});

describe('credentials are kept', () => {
  test('until five minutes before they expire', async () => {
    await keyOf();
    clock.time += HOUR - 300_001;
    expect(await keyOf()).toBe('ASIA1');
    clock.time += 1;
    expect(await keyOf()).toBe('ASIA2');
  });

  test.each([
    ['are about to expire', 60_000, 'ASIA8'],
    ['expired already', -HOUR, 'ASIA8'],
  ])('not at all where they %s', async (_when, life, key) => {
    sts.thenWith(assumed(7, NOW + life));
    expect(await keyOf()).toBe('ASIA7');
    sts.thenWith(assumed(8, NOW + life));
    expect(await keyOf()).toBe(key);
  });

  test('for no longer than was asked for, whatever the answer says', async () => {
    sts.thenWith(assumed(7, NOW + 1000 * HOUR));
    await keyOf();
    clock.time += HOUR;
    expect(await keyOf()).not.toBe('ASIA7');
  });
});

describe('a failure', () => {
  const unreadable: Behaviour = { status: 200, body: '' };
  test.each<[Behaviour, string, string]>([
    [queryError(403, 'AccessDenied', 'User: x is not authorized'), 'STS_AccessDenied', 'sms-role-trust'],
    [queryError(400, 'ValidationError', 'externalId'), 'STS_ValidationError', 'sms-role-trust'],
    [queryError(403, 'InvalidClientTokenId'), 'STS_InvalidClientTokenId', 'sender'],
    [queryError(403, 'ExpiredToken'), 'STS_ExpiredToken', 'sender'],
    [queryError(403, 'RegionDisabledException'), 'STS_RegionDisabledException', 'sender'],
    [queryError(400, 'Throttling'), 'STS_Throttling', 'provider'],
    [queryError(503, 'AccessDenied'), 'STS_AccessDenied', 'provider'],
    [{ status: 500, body: '<html></html>' }, 'STS_HTTP_500', 'provider'],
    [unreadable, 'STS_ANSWER', 'provider'],
    ['hang', 'STS_ETIMEDOUT', 'provider'],
    ['reset-after-reading', 'STS_ECONNRESET', 'provider'],
    ['megabytes', 'STS_ANSWER_TOO_LARGE', 'provider'],
  ])('%j', async (behaviour, code, blames) => {
    sts.answerWith(behaviour);
    roles = rolesWith(patienceFor(behaviour).patience);
    expect(await failure()).toEqual({ code, blames });
    expect(sts.requests).toHaveLength(1);
  });

  test('is told to whoever asks in the next seconds, without asking again', async () => {
    sts.thenWith(queryError(403, 'AccessDenied'));
    await failure();
    clock.time += 4_999;
    expect(await failure()).toEqual({ code: 'STS_AccessDenied', blames: 'sms-role-trust' });
    expect(sts.requests).toHaveLength(1);
    clock.time += 1;
    expect(await keyOf()).toBe('ASIA1');
  });

  test('of one role is none of another', async () => {
    sts.thenWith(queryError(403, 'AccessDenied'));
    await failure();
    expect(await keyOf({ arn: `${ROLE}2`, externalId: 'x' })).toBe('ASIA1');
  });

  test('by credentials of the server that do not come is one in time', async () => {
    await using hanging = await openProviderServer('hang');
    roles = rolesWith(200);
    process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = `${hanging.url}/credentials`;
    try {
      expect(await failure()).toEqual({ code: 'STS_ETIMEDOUT', blames: 'provider' });
      expect(sts.requests).toEqual([]);
    } finally {
      delete process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
    }
  });
});

test('what is forgotten is asked for anew', async () => {
  await keyOf();
  roles.forget(role);
  expect(await keyOf()).toBe('ASIA2');
});

test('so many roles are kept, and no more: the oldest go', async () => {
  const names = Array.from({ length: 501 }, (_, number) => ({ arn: `${ROLE}${number}`, externalId: 'x' }));
  for (const name of names.slice(0, 2)) await roles.credentialsOf(name);
  await Promise.all(names.map((name) => roles.credentialsOf(name)));
  const asked = sts.requests.length;
  expect(asked).toBe(501);
  await roles.credentialsOf(names[1] as Role);
  expect(sts.requests).toHaveLength(asked);
  await roles.credentialsOf(names[0] as Role);
  expect(sts.requests).toHaveLength(asked + 1);
});
