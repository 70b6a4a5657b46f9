import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, startPoolkeeper } from '../../packages/server/src/index.ts';
import { commandLine } from '../support/command.ts';

const { start, killAll } = commandLine();
let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'poolkeeper-options-'));
});
afterEach(() => {
  killAll();
  rmSync(data, { recursive: true, force: true });
});

describe('poolkeeper start', () => {
  it('takes options from flags before the environment before the file', async () => {
    const file = join(data, 'poolkeeper.json');
    writeFileSync(file, JSON.stringify({ region: 'eu-west-1', 'public-url': 'http://localhost:1/' }));
    const server = start({ data }, ['--config', file, '--public-url', 'http://127.0.0.1:2'], {
      POOLKEEPER_PUBLIC_URL: 'http://127.0.0.1:3',
      POOLKEEPER_REGION: 'eu-central-1',
    });
    await expect(server.url()).resolves.toBe('http://127.0.0.1:2');
  });

  it.each([
    [['--prt', '1'], /Unknown option '--prt'.*--port /s],
    [['--port', 'http'], /--port must be a number/],
    [['--host', '0.0.0.0'], /loopback alone/],
    [['--region', 'Mars'], /--region must look like us-east-1/],
    [['--issuer', 'me'], /--issuer must be/],
    [['--mode', 'test'], /--mode must be dev or production/],
    [['--mode', 'production'], /does not start half-configured/],
    [['--database-url', 'mysql://localhost/x'], /--database-url must look like postgres:/],
    [['--database-connections', '1'], /--database-connections must be a number from 2 to 1000/],
    [['--sms', 'carrier://pigeon'], /one of sns:/],
    [['--function', '*=file:./x.ts'], /there is no file .*x\.ts/],
    [['--function', './x.ts'], /--function \.\/x\.ts is not understood\. Give ARN=TARGET/],
    [['--email', 'carrier://pigeon'], /neither smtp:\/\/, smtps:\/\/, ses:\/\/ nor https:/],
    [['--delivery-topics', 'bounces'], /must be the ARN of a topic .* not bounces/],
    [['--request-rates', 'UserReads=5'], /UserReads=5: begin with aws or off.*UserRead,/],
    [['--message-caps', 'DestinationHour=lots'], /DestinationHour=lots: give a whole number/],
    [['--config', '/nowhere/at-all.json'], /could not be read/],
    [['--master-key', 'c2hvcnQ='], /32 bytes in base64/],
  ])('%s: tells what to do, without a stack', async (args, text) => {
    const { code, errors } = await start({ data }, args).end();
    expect(code).toBe(1);
    expect(errors).toMatch(text);
    expect(errors).not.toMatch(/\n\s+at /);
  });
});

describe('startPoolkeeper', () => {
  it('refuses options that cannot work', async () => {
    await expect(startPoolkeeper({ port: 70_000 })).rejects.toThrow(ConfigError);
    await expect(startPoolkeeper({ mode: 'production' })).rejects.toThrow(ConfigError);
  });
});
