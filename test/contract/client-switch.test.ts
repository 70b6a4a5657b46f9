import { ListUserPoolsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { expect, test } from 'vitest';
import { openHouse } from '../support/house.ts';

/** One of the projects of vitest.config.ts runs contract tests through our client; here is seen that it does. */
test('the client that the tests go through is the one that was asked for', async () => {
  await using house = await openHouse();
  const reason = new Error('No more of it.');
  const call = house.sdk.send(new ListUserPoolsCommand({ MaxResults: 1 }), {
    abortSignal: AbortSignal.abort(reason),
  });
  const error = await call.catch((error: unknown) => error);
  expect(error).toBeInstanceOf(Error);
  // Ours alone rejects with the reason that the signal was given; the SDK makes an AbortError of its own.
  expect(error === reason).toBe(process.env['POOLKEEPER_TEST_CLIENT'] === 'own');
});
