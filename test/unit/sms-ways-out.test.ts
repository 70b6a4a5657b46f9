import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWaysOut, type WaysOut } from '../../packages/server/src/domain/delivery/ways-out.ts';
import type { PoolConfig } from '../../packages/server/src/domain/pools/pool-config.ts';
import { adjustableClock } from '../../packages/server/src/platform/clock.ts';
import { assumed, published } from '../support/aws-stand-in.ts';
import { openProviderServer, type ProviderServer } from '../support/provider-server.ts';
import { refusal } from '../support/refusal.ts';
import { ROLE, sms } from '../support/sms.ts';

const snsPool = { SmsConfiguration: { SnsCallerArn: ROLE } };
const eumPool = { SmsConfiguration: { EumsSms: { CallerArn: ROLE } } };

let sts: ProviderServer;
let sns: ProviderServer;
let eum: ProviderServer;
let ways: WaysOut;
beforeEach(async () => {
  sts = await openProviderServer(assumed(1, Date.now() + 3_600_000));
  sns = await openProviderServer(published('sns-1'));
  eum = await openProviderServer({ body: { MessageId: 'eum-1' } });
  ways = createWaysOut(
    {
      email: [],
      sms: [
        `sns://us-east-1?endpoint=${sns.url}&sts-endpoint=${sts.url}`,
        `eum://us-east-1?endpoint=${eum.url}&sts-endpoint=${sts.url}`,
      ],
      inbox: false,
    },
    { mode: 'dev', region: 'us-east-1', webhookSecrets: [], functionNetworks: [] },
    adjustableClock(),
  );
});
afterEach(async () => {
  await ways.close();
  await Promise.all([sts, sns, eum].map((server) => server[Symbol.asyncDispose]()));
});

const asked = () => ({ sns: sns.requests.length, eum: eum.requests.length });
const send = ({ SmsConfiguration: config }: typeof snsPool | typeof eumPool) =>
  ways.sms?.send(sms({ config, expiresAt: Date.now() + 60_000 }));

test('each pool is sent for, and its role tried out, by the channel that does as it says', async () => {
  expect(await send(snsPool)).toMatchObject([{ channel: 'sns:us-east-1', providerId: 'sns-1' }]);
  expect(await send(eumPool)).toMatchObject([{ channel: 'eum:us-east-1', providerId: 'eum-1' }]);
  expect(asked()).toEqual({ sns: 1, eum: 1 });
  // The other channel's permission is nothing that a role needs.
  eum.answerWith({ status: 400, body: { __type: 'AccessDeniedException' } });
  await ways.checkPool(snsPool as unknown as PoolConfig);
  expect(asked()).toEqual({ sns: 2, eum: 1 });
  expect(await refusal(ways.checkPool(eumPool as unknown as PoolConfig))).toMatch(/^InvalidSmsRoleAccess/);
  expect(asked()).toEqual({ sns: 2, eum: 2 });
});

test('the other one stands in', async () => {
  eum.answerWith({ status: 503 });
  expect(await send(eumPool)).toMatchObject([
    { channel: 'eum:us-east-1', outcome: 'failed' },
    { channel: 'sns:us-east-1', outcome: 'accepted' },
  ]);
});
