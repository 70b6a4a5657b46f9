import type { AddressInfo } from 'node:net';
import { type Logger, pino } from 'pino';
import { adminRoutes } from './admin/admin-routes.ts';
import { createInbox } from './admin/inbox.ts';
import type { Config } from './config/config.ts';
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
import { createMetrics } from './platform/metrics.ts';
import { openDatabase } from './storage/open-database.ts';
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
  const clock = adjustableClock();
  const { storage, keyring, close } = await openDatabase(config, clock.now());
  onClose(close);

  const channels = new Map<MessageChannel, Channel>();
  const email = createEmailChannel(config.email);
  if (email !== undefined) {
    channels.set('EMAIL', email);
    onClose(() => email.close());
  }
  const pools = createPoolDirectory(storage, keyring);
  const metrics = createMetrics();
  const inbox = createInbox({ storage, keyring });
  const outbox = createOutbox({
    storage,
    clock,
    log,
    deliver: (message) => deliver({ keyring, storage, pools }, channels, message),
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
    pools,
    signingKeys: createSigningKeyring(storage, keyring),
    channels: new Set(channels.keys()),
    messageQueued: () => {
      inbox.wake();
      outbox.wake();
    },
    messageStored: inbox.wake,
    poolDeleted: janitor.wake,
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

function listeningUrl(host: string, address: AddressInfo): string {
  const shown = host.includes(':') ? `[${host}]` : host;
  return `http://${shown}:${address.port}`;
}
