import { ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { expect, it } from 'vitest';
import { raw } from '../support/house.ts';
import { administratorSdk, openProductionHouse } from '../support/production-house.ts';

it('strangers cannot fill the audit log, nor keep others out of it', async () => {
  await using house = await openProductionHouse();
  const sdk = await administratorSdk(house.options, house.url);
  for (let batch = 0; batch < 10; batch += 1) {
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        if (index % 2 === 0) await raw(house.url, 'ListUserPools', { MaxResults: 1 });
        else await house.operator('messages', { headers: {} });
      }),
    );
  }
  await sdk.send(new ListUserPoolsCommand({ MaxResults: 1 }));
  await house.operator('messages');
  const outcomes = () => house.audit().map(({ outcome }) => outcome);
  await expect.poll(outcomes).toEqual(expect.arrayContaining(['ok', 'MissingAuthenticationTokenException']));
  await expect.poll(() => outcomes().filter((outcome) => outcome === 'ok')).toHaveLength(2);
  expect(outcomes().filter((outcome) => outcome !== 'ok')).toHaveLength(30);
  sdk.destroy();
});
