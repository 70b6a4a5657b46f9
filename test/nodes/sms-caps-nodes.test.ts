import { expect, it } from 'vitest';
import { openNodes } from '../support/nodes.ts';
import { fates, invite, nextDayAt, openSmsPool, outcomesIn } from '../support/sms-house.ts';

it('of fifty SMS messages at once exactly as many leave as the day allows, whichever nodes send them', async () => {
  await using cluster = await openNodes(2, { messageCaps: ['off', 'SmsDay=10'] });
  // Each has a clock of its own.
  for (const node of cluster.nodes) await nextDayAt(node, 12);
  const house = cluster.node(0);
  const pool = await openSmsPool(house);
  const numbers = Array.from({ length: 50 }, (_, index) => `+12065550${100 + index}`);
  await Promise.all(numbers.map((number, index) => invite(cluster.node(index), pool, number)));
  const said = fates(await outcomesIn(house, pool, 50));
  expect(said.filter((one) => one === 'sent')).toHaveLength(10);
  expect(said.filter((one) => one === 'SMS_DAY_CAP')).toHaveLength(40);
  const rows = await cluster.database.rows(`select count from attempts where action = 'sms-day'`);
  expect(rows).toEqual([{ count: 10 }]);
});
