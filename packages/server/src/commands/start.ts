import { pino } from 'pino';
import { readConfig, startOptions } from '../config/config.ts';
import { helpOf } from '../config/options.ts';
import { startServer } from '../server.ts';
import type { Command } from './command.ts';

/** How long requests under way may take after SIGTERM, ms. */
const DRAIN = 10_000;

export const start: Command = {
  summary: 'runs the server',
  usage: `poolkeeper start [options]

${helpOf(startOptions)}

Each option can also be set in the environment: --public-url as POOLKEEPER_PUBLIC_URL.`,
  async run(args) {
    const server = await startServer(
      readConfig(args, process.env),
      pino({ level: 'info', base: null }, pino.destination(2)),
    );
    console.log(`Poolkeeper answers at ${server.url}`);
    console.log(
      `Any AWS SDK works with it: set the endpoint to that URL. The inbox is the same URL in a browser.`,
    );

    let stopping = false;
    const stop = () => {
      if (stopping) return;
      stopping = true;
      setTimeout(() => process.exit(1), DRAIN).unref();
      server.close().then(
        () => process.exit(0),
        (error) => {
          console.error(error);
          process.exit(1);
        },
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  },
};
