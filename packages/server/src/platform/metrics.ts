import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { hashesWaiting } from './password-hash.ts';

/** What an operator sees at `GET /metrics`. No label ever holds a name, an address or an id of a user. */
export interface Metrics {
  observe(operation: string, outcome: string, seconds: number): void;
  /** An attempt to send a message. */
  message(attempt: MessageAttempt): void;
  compromisedPasswordCheck(outcome: 'clean' | 'compromised' | 'failed'): void;
  /** A request or a message was refused by a limit of `--request-rates` or `--message-caps`. */
  limited(limit: string): void;
  lockedOut(by: 'password' | 'second-factor'): void;
  /** The rules for SMS messages held one back. */
  smsHeld(reason: string): void;
  triggerCall(call: TriggerCall): void;
  /** A provider told what became of a message that it had accepted. */
  feedback(provider: string, outcome: string): void;
  /** Somebody came to tell that. */
  feedbackRequest(source: string, result: 'taken' | 'ignored' | 'refused' | 'failed'): void;
  /** What a channel's own examination came to. */
  channelCheck(channel: string, isGood: boolean): void;
  readonly contentType: string;
  text(): Promise<string>;
}

export interface MessageAttempt {
  /** EMAIL or SMS. */
  readonly channel: string;
  /** `smtp`, `ses`, `function`; `none` where it came to no provider. */
  readonly provider: string;
  readonly outcome: 'sent' | 'retried' | 'failed';
  /** Of what failed: one of few words. */
  readonly reason?: string | undefined;
  /** Of what was sent: from being queued to being accepted, ms. */
  readonly took?: number | undefined;
}

/** What is looked up when somebody asks for the metrics. */
export interface Observed {
  /** By lane: how many messages wait, and how long the oldest of them has, ms. */
  queues(): Promise<readonly { readonly lane: string; readonly waiting: number; readonly age: number }[]>;
  channels(): readonly { readonly channel: string; readonly isOpen: boolean }[];
}

/** A call of a pool's function, with all its attempts. */
export interface TriggerCall {
  readonly trigger: string;
  readonly outcome: string;
  /** Milliseconds. */
  readonly duration: number;
}

export function createMetrics(observed: Observed): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'poolkeeper_request_duration_seconds',
    help: 'Time from a request being read to its answer being ready, by operation and outcome (ok or the error type).',
    labelNames: ['operation', 'outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  const messages = new Counter({
    name: 'poolkeeper_messages_total',
    help: 'Delivery attempts by channel, provider and outcome.',
    labelNames: ['channel', 'provider', 'outcome'],
    registers: [registry],
  });
  const failures = new Counter({
    name: 'poolkeeper_messages_failed_total',
    help: 'Messages that are not tried again, by channel and reason (expired, outdated, held, refused, attempts).',
    labelNames: ['channel', 'reason'],
    registers: [registry],
  });
  const acceptance = new Histogram({
    name: 'poolkeeper_message_acceptance_seconds',
    help: 'Time from a message being queued to its provider accepting it, by channel and provider.',
    labelNames: ['channel', 'provider'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600],
    registers: [registry],
  });
  observe(registry, observed);
  const limited = new Counter({
    name: 'poolkeeper_limited_total',
    help: 'Requests refused for their rate, by category, and for the messages they would have sent, by cap.',
    labelNames: ['limit'],
    registers: [registry],
  });
  const lockedOut = new Counter({
    name: 'poolkeeper_locked_out_total',
    help: 'Passwords and second factors of sign-ins that were refused unseen, for the wrong ones before them.',
    labelNames: ['by'],
    registers: [registry],
  });
  new Gauge({
    name: 'poolkeeper_password_hashes_waiting',
    help: 'Passwords that wait for their turn to be hashed; beyond a bound, requests are refused.',
    registers: [registry],
    collect() {
      this.set(hashesWaiting());
    },
  });
  const compromisedPasswordChecks = new Counter({
    name: 'poolkeeper_compromised_password_checks_total',
    help: 'Passwords looked up at the service of --compromised-passwords, by outcome; failed ones were accepted.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const triggerCalls = new Histogram({
    name: 'poolkeeper_trigger_duration_seconds',
    help: 'Time that functions of pools took, all attempts together, by trigger and outcome (ok, threw, not-invoked, bad-answer).',
    labelNames: ['trigger', 'outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
    registers: [registry],
  });
  const smsHeld = new Counter({
    name: 'poolkeeper_sms_held_total',
    help: 'SMS messages that were held back, by reason: their country or number, the sandbox, a cap of the day.',
    labelNames: ['reason'],
    registers: [registry],
  });
  const feedback = new Counter({
    name: 'poolkeeper_message_feedback_total',
    help: 'What providers told of messages that they had accepted, by provider and outcome.',
    labelNames: ['provider', 'outcome'],
    registers: [registry],
  });
  const feedbackRequests = new Counter({
    name: 'poolkeeper_feedback_requests_total',
    help: 'Requests to /delivery/…, by source and result (taken, ignored, refused for their signature, failed).',
    labelNames: ['source', 'result'],
    registers: [registry],
  });
  const channelChecks = new Gauge({
    name: 'poolkeeper_channel_check',
    help: '1 where the channel was found able to send when the server started, 0 where the log says what is wrong.',
    labelNames: ['channel'],
    registers: [registry],
  });
  /** Two can have one name. */
  const wrong = new Set<string>();
  new Gauge({ name: 'poolkeeper_up', help: '1 while the server runs.', registers: [registry] }).set(1);
  return {
    observe(operation, outcome, seconds) {
      durations.observe({ operation, outcome }, seconds);
    },
    message({ channel, provider, outcome, reason, took }) {
      messages.inc({ channel, provider, outcome });
      if (reason !== undefined) failures.inc({ channel, reason });
      if (took !== undefined) acceptance.observe({ channel, provider }, took / 1000);
    },
    compromisedPasswordCheck: (outcome) => compromisedPasswordChecks.inc({ outcome }),
    limited: (limit) => limited.inc({ limit }),
    lockedOut: (by) => lockedOut.inc({ by }),
    smsHeld: (reason) => smsHeld.inc({ reason }),
    triggerCall: ({ trigger, outcome, duration }) =>
      triggerCalls.observe({ trigger, outcome }, duration / 1000),
    feedback: (provider, outcome) => feedback.inc({ provider, outcome }),
    feedbackRequest: (source, result) => feedbackRequests.inc({ source, result }),
    channelCheck(channel, isGood) {
      if (!isGood) wrong.add(channel);
      channelChecks.set({ channel }, wrong.has(channel) ? 0 : 1);
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

function observe(registry: Registry, { queues, channels }: Observed): void {
  const oldest = new Gauge({
    name: 'poolkeeper_messages_oldest_seconds',
    help: 'About how long the oldest message that waits has been waiting, by lane.',
    labelNames: ['lane'],
    registers: [registry],
  });
  new Gauge({
    name: 'poolkeeper_messages_queued',
    help: 'Messages that wait to be sent, by lane; 10000 stands for more, too.',
    labelNames: ['lane'],
    registers: [registry],
    async collect() {
      // Where the database does not answer, the other metrics are wanted most.
      const found = await queues().catch(() => undefined);
      this.reset();
      oldest.reset();
      for (const { lane, waiting, age } of found ?? []) {
        this.set({ lane }, waiting);
        oldest.set({ lane }, age / 1000);
      }
    },
  });
  new Gauge({
    name: 'poolkeeper_channel_open',
    help: '1 while a channel has failed so often that messages are kept off it.',
    labelNames: ['channel'],
    registers: [registry],
    collect() {
      // Two can have one name, and the one that is down is worth knowing of.
      const downLast = channels().toSorted((a, b) => Number(a.isOpen) - Number(b.isOpen));
      for (const { channel, isOpen } of downLast) this.set({ channel }, Number(isOpen));
    },
  });
}
