import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { adminRoutes } from './admin/admin-routes.ts';
import { createInbox } from './admin/inbox.ts';
import type { Config } from './config/config.ts';
import { fingerprintOf, loadMasterKey, requireSameKey } from './config/master-key.ts';
import type { Channel } from './domain/delivery/channels/channel.ts';
import { createEmailChannel } from './domain/delivery/channels/email-channel.ts';
import { deliver } from './domain/delivery/deliver.ts';
import type { MessageChannel } from './domain/delivery/message.ts';
import { createPoolDirectory } from './domain/pools/directory.ts';
import type { Services } from './domain/services.ts';
import { createSigningKeyring } from './domain/tokens/signing-keys.ts';
import { createApp } from './http/app.ts';
import { publicRoutes } from './http/public-routes.ts';
import { wireRoute } from './http/wire-route.ts';
import { createFaults } from './operations/faults.ts';
import { createJanitor } from './outbox/janitor.ts';
import { createOutbox } from './outbox/outbox.ts';
import { adjustableClock } from './platform/clock.ts';
import { createKeyring } from './platform/keyring.ts';
import { createMetrics } from './platform/metrics.ts';
import { migrate } from './storage/migrations/migrate.ts';
import { openPostgres } from './storage/postgres.ts';
import { findServerState, insertServerState } from './storage/repositories/server-state.ts';
import { openSqlite } from './storage/sqlite.ts';
import type { Storage } from './storage/unit.ts';
import { createEndpoint } from './wire/endpoint.ts';

export interface RunningServer {
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  /** Ends requests and deliveries under way, then closes the database. */
  close(): Promise<void>;
}

/** Puts the house together and opens the door. Everything is closed again when a step of it fails. */
export async function startServer(config: Config, log: Logger = quietLogger()): Promise<RunningServer> {
  const closing: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const url = await start(config, log, (step) => closing.push(step));
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Warnings and errors only, as JSON lines on standard error. */
const quietLogger = () => pino({ level: 'warn', base: null }, pino.destination(2));

async function start(
  config: Config,
  log: Logger,
  onClose: (step: () => Promise<void> | void) => void,
): Promise<string> {
  const directory = dataDirectory(config.data, onClose);
  const clock = adjustableClock();
  const storage =
    config.databaseUrls.length > 0
      ? await openPostgres({ urls: config.databaseUrls, connections: config.databaseConnections })
      : openSqlite(directory);
  onClose(() => storage.close());
  await migrate(storage, clock.now());
  const masterKey = loadMasterKey(config.masterKey, directory);
  await checkMasterKey(storage, masterKey);
  const keyring = createKeyring(masterKey);

  const channels = new Map<MessageChannel, Channel>();
  const email = createEmailChannel(config.email);
  if (email !== undefined) {
    channels.set('EMAIL', email);
    onClose(() => email.close());
  }
  const metrics = createMetrics();
  const inbox = createInbox({ storage, keyring });
  const outbox = createOutbox({
    storage,
    clock,
    log,
    deliver: (message) => deliver({ keyring, storage }, channels, message),
    onOutcome: (message, outcome) => {
      metrics.message(message.channel, outcome);
      inbox.wake();
    },
  });
  onClose(() => outbox.close());
  const janitor = createJanitor(storage, clock, log);
  onClose(() => janitor.close());

  const app = createApp();
  const services: Services & { issuerBase: string } = {
    region: config.region,
    issuerBase: '',
    clock,
    storage,
    keyring,
    pools: createPoolDirectory(storage, keyring),
    signingKeys: createSigningKeyring(storage, keyring),
    channels: new Set(channels.keys()),
    messageQueued: () => {
      inbox.wake();
      outbox.wake();
    },
    messageStored: inbox.wake,
    log,
  };
  const faults = createFaults();
  wireRoute(app, createEndpoint(services, faults), metrics, log);
  publicRoutes(app, services, metrics);
  adminRoutes(app, { services, inbox, faults });

  onClose(() => app.close());
  await app.listen({ host: config.host, port: config.port });
  const url = config.publicUrl ?? listeningUrl(config.host, app.server.address() as AddressInfo);
  // With port 0 the URL is known only now, and no request can have come before.
  services.issuerBase = config.issuer === 'aws' ? `https://cognito-idp.${config.region}.amazonaws.com` : url;
  outbox.wake();
  return url;
}

function dataDirectory(data: string, onClose: (step: () => void) => void): string {
  if (data !== ':memory:') {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    return data;
  }
  const directory = mkdtempSync(join(tmpdir(), 'poolkeeper-'));
  onClose(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function checkMasterKey(storage: Storage, masterKey: Uint8Array): Promise<void> {
  const current = fingerprintOf(masterKey);
  const name = 'master-key-fingerprint';
  const stored = await storage.write(async (unit) => {
    await insertServerState.run(unit, { name, value: current });
    return (await findServerState.first(unit, { name }))?.value ?? '';
  });
  requireSameKey(stored, current);
}

function listeningUrl(host: string, address: AddressInfo): string {
  const shown = host.includes(':') ? `[${host}]` : host;
  return `http://${shown}:${address.port}`;
}
