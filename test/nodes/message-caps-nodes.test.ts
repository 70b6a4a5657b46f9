import { expect, it } from 'vitest';
import { openNodes } from '../support/nodes.ts';
import { newName, recoveryCalls } from '../support/recovery-calls.ts';

it('one address gets exactly so many messages, whichever nodes are asked at once', async () => {
  await using cluster = await openNodes(3, { messageCaps: ['off', 'DestinationHour=5'] });
  const house = cluster.node(0);
  const poolId = await house.createPool();
  const client = await house.createClient(poolId);
  const names = Array.from({ length: 30 }, () => newName());
  for (const name of names) {
    await house.createUser(poolId, name, [
      { Name: 'email', Value: 'box@example.com' },
      { Name: 'email_verified', Value: 'true' },
    ]);
  }
  const said = await Promise.all(
    names.map((name, index) =>
      recoveryCalls(cluster.node(index), client)
        .forgot(name)
        .then(
          () => 'ok',
          (error: Error) => error.name,
        ),
    ),
  );
  expect(said.filter((one) => one === 'ok')).toHaveLength(5);
  expect(said.filter((one) => one === 'LimitExceededException')).toHaveLength(25);
  expect(await house.messages('box@example.com')).toHaveLength(5);
});
