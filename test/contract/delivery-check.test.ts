/** `poolkeeper delivery check` beside a server: by a pool's own sender, and by the numbers of the sandbox. */
import { CreateUserPoolCommand } from '@aws-sdk/client-cognito-identity-provider';
import { expect, test } from 'vitest';
import { commandLine } from '../support/command.ts';
import { administratorSdk, environmentOf, openProductionHouse } from '../support/production-house.ts';

test('goes by what the database has of a pool and of numbers', async () => {
  await using house = await openProductionHouse();
  const { run } = commandLine();
  const sdk = await administratorSdk(house.options, house.url);
  const { UserPool } = await sdk.send(
    new CreateUserPoolCommand({ PoolName: 'shop', EmailConfiguration: { From: 'Shop <codes@example.com>' } }),
  );
  sdk.destroy();
  const environment = environmentOf(house.options);
  const check = (args: readonly string[], more = {}) =>
    run(['delivery', 'check', ...args], { ...environment, ...more });

  const [byPool, held, unknown] = await Promise.all([
    check(['--to', 'ann@example.com', '--pool', UserPool?.Id as string]),
    check(['--to', '+12065550123'], {
      POOLKEEPER_SMS: 'twilio://AC1:token@127.0.0.1:9?from=+12065550100&insecure=true',
      POOLKEEPER_SMS_COUNTRIES: 'US',
      POOLKEEPER_SMS_SANDBOX: 'true',
    }),
    check(['--to', 'ann@example.com', '--pool', 'us-east-1_Nowhere00']),
  ]);
  expect(byPool).toMatchObject({ code: 0, output: expect.stringContaining('It accepted the test message') });
  expect((await house.mail.first('ann@example.com')).from).toBe('codes@example.com');
  expect(held).toMatchObject({ code: 1, errors: expect.stringContaining('held back (SANDBOX)') });
  expect(unknown).toMatchObject({ code: 1, errors: expect.stringContaining('does not exist') });
});

test('a server in production looks at its channels when it starts, and goes on whatever it finds', async () => {
  await using house = await openProductionHouse(
    { email: 'smtp://user:hunter2@127.0.0.1:9?from=no-reply@example.com' },
    {},
  );
  const metric = async () => (await house.operator('../metrics')).text();
  await expect
    .poll(metric, { timeout: 10_000 })
    .toMatch(/poolkeeper_channel_check\{channel="smtp:127.0.0.1:9"\} 0/);
  expect(house.log()).toMatch(/"channel":"smtp:127.0.0.1:9","msg":"A channel may not be able to send\. /);
  expect(house.log()).not.toContain('hunter2');
});
