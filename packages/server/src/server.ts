import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { adminRoutes } from './admin/admin-routes.ts';
import { createInbox } from './admin/inbox.ts';
import type { Config } from './config/config.ts';
import { createAccessKeyDirectory } from './domain/access-keys/directory.ts';
import { checkChannels } from './domain/delivery/check-channels.ts';
import { deliver, withoutCaller, withoutSecrets } from './domain/delivery/deliver.ts';
import type { SnsStandIn } from './domain/delivery/feedback/sns-get.ts';
import { createTwilioCallbacks } from './domain/delivery/feedback/twilio-callback.ts';
import { createDeliveryHealth } from './domain/delivery/health.ts';
import type { MessageChannel } from './domain/delivery/message.ts';
import { hasSmsRules, type SmsRules } from './domain/delivery/sms-rules/rules.ts';
import { createWaysOut, type WaysOut } from './domain/delivery/ways-out.ts';
import { createDailyWarning } from './domain/limits/daily-warning.ts';
import { createMessageLimits } from './domain/limits/message-caps.ts';
import { createRequestLimiter } from './domain/limits/request-rates.ts';
import { createCompromisedPasswords } from './domain/passwords/compromised-passwords.ts';
import { createPasswordRanges } from './domain/passwords/password-ranges.ts';
import { createPoolDirectory } from './domain/pools/directory.ts';
import type { Services } from './domain/services.ts';
import { createSigningKeyring } from './domain/tokens/signing-keys.ts';
import { createFunctions } from './domain/triggers/create-functions.ts';
import { createCodeEncryption } from './domain/triggers/kms/encrypt-code.ts';
import { kmsEnvironment } from './domain/triggers/kms/function-environment.ts';
import { createLocalKms } from './domain/triggers/kms/local-kms.ts';
import { createApp } from './http/app.ts';
import { checkCodeRoute } from './http/check-code-route.ts';
import { deliveryRoutes } from './http/delivery-routes.ts';
import { createHealth } from './http/health.ts';
import { publicRoutes } from './http/public-routes.ts';
import { followTlsFiles, readTlsPair } from './http/tls.ts';
import { wireRoute } from './http/wire-route.ts';
import { createFaults } from './operations/faults.ts';
import { createJanitor } from './outbox/janitor.ts';
import { createOutbox, type Outbox } from './outbox/outbox.ts';
import { outcomeLabels } from './outbox/outcome-labels.ts';
import { mediumOf } from './outbox/places.ts';
import { createAudit } from './platform/audit.ts';
import { adjustableClock, type Clock } from './platform/clock.ts';
import { createLogger } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { openDatabase } from './storage/open-database.ts';
import { listQueues } from './storage/repositories/message-queues.ts';
import type { Storage } from './storage/unit.ts';
import { confirmUserRoutes } from './web/confirm-user.ts';
import { createAuthorise } from './wire/authorise.ts';
import { createEndpoint } from './wire/endpoint.ts';

export interface RunningServer {
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  /** Has `/health` say 503 from now on, so that load balancers send nothing more. */
  drain(): void;
  /** Ends requests and deliveries under way, then closes the database. */
  close(): Promise<void>;
}

/** Where tests have others stand; no option leads there. */
export interface StandIns {
  /** For what Amazon SNS serves to who receives its messages. */
  readonly sns?: SnsStandIn;
}

/** Puts the house together and opens the door. Everything is closed again when a step of it fails. */
export async function startServer(
  config: Config,
  log: Logger = loggerOf(config),
  standIns: StandIns = {},
): Promise<RunningServer> {
  const closing: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const running = await start(config, log, standIns, (step) => closing.push(step));
    return { ...running, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A test hears of warnings and errors alone; production keeps its audit lines. */
const loggerOf = ({ mode }: Config) => createLogger(mode === 'production' ? 'info' : 'warn');

async function start(
  config: Config,
  log: Logger,
  { sns }: StandIns,
  onClose: (step: () => Promise<void> | void) => void,
): Promise<Omit<RunningServer, 'close'>> {
  const production = config.mode === 'production';
  const tls = config.tls && (await readTlsPair(config.tls));
  const clock = adjustableClock();
  const { storage, keyring, close } = await openDatabase(config, clock.now());
  onClose(close);

  const waysOut = createWaysOut({ ...config, inbox: !production && hasSmsRules(config) }, config, clock);
  onClose(() => waysOut.close());
  const pools = createPoolDirectory(storage, keyring);
  const deliveryHealth = createDeliveryHealth();
  const metrics = createMetrics({ queues: () => agesOfQueues(storage, clock), channels: waysOut.states });
  const inbox = createInbox(storage);
  const janitor = createJanitor(storage, clock, log);
  onClose(() => janitor.close());

  const localKms = config.kms === 'local' ? createLocalKms(keyring) : undefined;
  let here = '';
  const functions = createFunctions({
    functions: config.functions,
    mode: config.mode,
    region: config.region,
    webhookSecrets: config.webhookSecrets,
    functionNetworks: config.functionNetworks,
    environment: () => (localKms === undefined ? {} : kmsEnvironment(here)),
    onCall: metrics.triggerCall,
  });
  onClose(() => functions.close());
  const encryption = createCodeEncryption(config.kms, keyring);
  onClose(() => encryption.close());
  let outbox: Outbox | undefined;
  onClose(() => outbox?.close());
  const warnOfCap = createDailyWarning(log, clock);
  const { messageCaps, smsCountries, smsPrices, smsSandbox } = config;
  const smsRules: SmsRules = {
    ...{ messageCaps, smsCountries, smsPrices, smsSandbox },
    held: metrics.smsHeld,
    reached: warnOfCap,
  };

  const httpsForGood = production && config.publicUrl?.startsWith('https:') === true;
  const app = createApp({ tls, trustedProxies: config.trustedProxies, httpsForGood }, log);
  const services: Services & { issuerBase: string; publicUrl: string } = {
    region: config.region,
    issuerBase: '',
    publicUrl: '',
    clock,
    storage,
    keyring,
    accessKeys: createAccessKeyDirectory(storage, keyring),
    pools,
    signingKeys: createSigningKeyring(storage, keyring),
    compromisedPasswords: createCompromisedPasswords(
      config.compromisedPasswords === undefined
        ? undefined
        : createPasswordRanges(config.compromisedPasswords, log, metrics.compromisedPasswordCheck),
    ),
    functions,
    // In production nothing is delivered by lying there: what has no channel waits for one, and fails with its code.
    channels: mediaOf(production, waysOut),
    delivery: { checkPool: waysOut.checkPool, requireWorking: deliveryHealth.requireWorking },
    messageQueued: () => {
      inbox.wake();
      outbox?.wake();
    },
    messageStored: inbox.wake,
    poolDeleted: janitor.wake,
    lockedOut: metrics.lockedOut,
    log,
    messageLimits: createMessageLimits(config.messageCaps, (cap) => {
      metrics.limited(cap);
      if (cap === 'EmailDay') warnOfCap(cap);
    }),
  };
  const faults = createFaults();
  const health = createHealth(storage);
  const audit = createAudit(log);
  onClose(() => audit.close());
  const authorise = production ? createAuthorise(services, audit) : undefined;
  const limit = createRequestLimiter(config.requestRates, metrics.limited);
  const endpoint = createEndpoint(services, production ? undefined : faults, authorise, limit);
  wireRoute(app, { endpoint, kms: localKms }, metrics, log);
  publicRoutes(app, services, health);
  checkCodeRoute(app, services, limit, metrics);
  confirmUserRoutes(app, services, limit, metrics);
  deliveryRoutes(app, services, {
    topics: config.deliveryTopics,
    webhookSecrets: config.webhookSecrets,
    twilio: createTwilioCallbacks(config.sms, config.publicUrl),
    log,
    onFeedback: metrics.feedback,
    onRequest: metrics.feedbackRequest,
    snsStandIn: sns,
  });
  adminRoutes(app, {
    services,
    sandbox: { services, waysOut, rules: smsRules },
    inbox,
    faults,
    metrics,
    audit,
    token: config.adminToken,
  });

  onClose(() => app.close());
  await app.listen({ host: config.host, port: config.port });
  if (config.tls !== undefined && tls !== undefined) {
    const following = followTlsFiles(app.server as Server, config.tls, tls, log);
    onClose(() => following.close());
  }
  // With port 0 the URL is known only now, and no request can have come before.
  here = listeningUrl(config, app.server.address() as AddressInfo);
  const url = config.publicUrl ?? here;
  services.publicUrl = url;
  services.issuerBase = config.issuer === 'aws' ? `https://cognito-idp.${config.region}.amazonaws.com` : url;
  // Not before: a function that sends a message may have this server decrypt the code.
  outbox = createOutbox({
    storage,
    clock,
    log,
    deliver: (message) =>
      deliver(services, { waysOut, smsRules, encryption, health: deliveryHealth }, message),
    restOf: (lane) => {
      const medium = mediumOf(lane);
      return medium === undefined ? 0 : waysOut.rest(medium);
    },
    // The inbox of dev mode shows what was sent; elsewhere nothing needs it any more.
    remainder: (message) => (production ? withoutSecrets : withoutCaller)(keyring, message),
    onOutcome: (message, outcome) => {
      metrics.message(outcomeLabels(message, outcome));
      inbox.wake();
    },
  });
  if (production) onClose(checkChannels(waysOut, log, metrics.channelCheck));
  return { url, drain: () => health.drain() };
}

const mediaOf = (production: boolean, { email, sms }: WaysOut): ReadonlySet<MessageChannel> =>
  new Set([
    ...(production || email ? (['EMAIL'] as const) : []),
    ...(production || sms ? (['SMS'] as const) : []),
  ]);

async function agesOfQueues(storage: Storage, clock: Clock) {
  const queues = await storage.read(listQueues);
  return queues.map(({ lane, waiting, since = clock.now() }) => ({
    lane,
    waiting,
    age: Math.max(0, clock.now() - since),
  }));
}

function listeningUrl({ host, tls }: Config, address: AddressInfo): string {
  const shown = host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'https' : 'http'}://${shown}:${address.port}`;
}
