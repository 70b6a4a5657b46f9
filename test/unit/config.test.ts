import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { configOf } from '../../packages/server/src/config/config.ts';
import { membership, networkOf } from '../../packages/server/src/config/networks.ts';
import { newSecret } from '../support/production-house.ts';

describe('a config', () => {
  it('is printed without its secrets, however it is printed', async () => {
    const [masterKey, adminToken] = [newSecret(), newSecret()];
    const config = await configOf({
      mode: 'production',
      publicUrl: 'https://login.example.com',
      masterKey,
      adminToken,
      email: 'smtp://user:hunter2@mail.example.com:587?from=a@example.com',
      sms: 'twilio://AC0:hunter2@api.twilio.com?from=+12065550100',
      smsCountries: 'US',
      databaseUrl: 'postgres://user@db.example.com/x?sslmode=verify-full&password=hunter3',
    });
    expect(config).toMatchObject({ masterKey, adminToken });
    for (const shown of [inspect(config, { depth: 9 }), JSON.stringify(config), inspect({ config })]) {
      for (const secret of [masterKey, adminToken, 'hunter']) expect(shown).not.toContain(secret);
      expect(shown).toContain('login.example.com');
      expect(shown).toContain('smtp://mail.example.com:587');
      expect(shown).toContain('postgres://db.example.com');
    }
  });
});

describe('networks', () => {
  it.each<[string, string, boolean]>([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.7', '10.0.0.7', true],
    ['10.0.0.7', '10.0.0.8', false],
    ['fd00::/8', 'fd12:3456::1', true],
    ['fd00::/8', 'fe80::1', false],
    ['::1', '::1', true],
    ['::1', '0.0.0.1', false],
  ])('%s and %s: %s', (network, address, member) => {
    expect(membership([networkOf('trusted-proxies', network)])(address)).toBe(member);
  });

  it('have no member without an address', () => {
    expect(membership(['10.0.0.0/8'])(undefined)).toBe(false);
  });
});
