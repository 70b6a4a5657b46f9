import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What an operator sees at `GET /metrics`. No label ever holds a name, an address or an id of a user. */
export interface Metrics {
  observe(operation: string, outcome: string, seconds: number): void;
  message(channel: string, outcome: 'sent' | 'retried' | 'failed'): void;
  readonly contentType: string;
  text(): Promise<string>;
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
  new Gauge({ name: 'poolkeeper_up', help: '1 while the server runs.', registers: [registry] }).set(1);
  return {
    observe(operation, outcome, seconds) {
      durations.observe({ operation, outcome }, seconds);
    },
    message: (channel, outcome) => messages.inc({ channel, outcome }),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
