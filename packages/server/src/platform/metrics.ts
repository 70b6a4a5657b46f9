import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { hashesWaiting } from './password-hash.ts';

/** What an operator sees at `GET /metrics`. No label ever holds a name, an address or an id of a user. */
export interface Metrics {
  observe(operation: string, outcome: string, seconds: number): void;
  message(channel: string, outcome: 'sent' | 'retried' | 'failed'): void;
  compromisedPasswordCheck(outcome: 'clean' | 'compromised' | 'failed'): void;
  /** A request or a message was refused by a limit of `--request-rates` or `--message-caps`. */
  limited(limit: string): void;
  lockedOut(by: 'password' | 'second-factor'): void;
  triggerCall(call: TriggerCall): void;
  readonly contentType: string;
  text(): Promise<string>;
}

/** A call of a pool's function, with all its attempts. */
export interface TriggerCall {
  readonly trigger: string;
  readonly outcome: string;
  /** Milliseconds. */
  readonly duration: number;
}

export function createMetrics(): Metrics {
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
    help: 'Delivery attempts by channel and outcome.',
    labelNames: ['channel', 'outcome'],
    registers: [registry],
  });
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
  new Gauge({ name: 'poolkeeper_up', help: '1 while the server runs.', registers: [registry] }).set(1);
  return {
    observe(operation, outcome, seconds) {
      durations.observe({ operation, outcome }, seconds);
    },
    message: (channel, outcome) => messages.inc({ channel, outcome }),
    compromisedPasswordCheck: (outcome) => compromisedPasswordChecks.inc({ outcome }),
    limited: (limit) => limited.inc({ limit }),
    lockedOut: (by) => lockedOut.inc({ by }),
    triggerCall: ({ trigger, outcome, duration }) =>
      triggerCalls.observe({ trigger, outcome }, duration / 1000),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
