import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig, startOptions } from '../config/config.ts';
import { helpOf } from '../config/options.ts';
import { SECOND } from '../platform/duration.ts';
import { createLogger } from '../platform/logger.ts';
import { startServer } from '../server.ts';
import type { Command } from './command.ts';

/** How long requests under way may take once the door is shut: a function that does not answer is asked three times. */
const CLOSING = 18 * SECOND;

export const start: Command = {
  summary: 'runs the server',
  usage: `poolkeeper start [options]

${helpOf(startOptions)}

Each option can also be set in the environment: --public-url as POOLKEEPER_PUBLIC_URL. A master key, an admin token, a
webhook secret and the URLs of --email, --sms and --database-url can be given as file:/run/secrets/x or as kms:<base64 ciphertext> (AWS KMS).`,
  async run(args) {
    const config = await readConfig(args, process.env);
    const log = createLogger('info');
    // Node would print all that an error carries.
    process.on('uncaughtException', (error) => {
      log.fatal({ err: error }, 'The server ends: an error that nothing caught.');
      process.exit(1);
    });
    const server = await startServer(config, log);
    console.log(`Poolkeeper answers at ${server.url}`);
    if (config.mode === 'dev') {
      console.log(
        `Any AWS SDK works with it: set the endpoint to that URL. The inbox is the same URL in a browser.`,
      );
    }

    let stopping = false;
    const stop = async (drainSeconds: number) => {
      if (stopping) return;
      stopping = true;
      try {
        server.drain();
        await sleep(drainSeconds * SECOND);
        setTimeout(() => process.exit(1), CLOSING).unref();
        await server.close();
        process.exit(0);
      } catch (error) {
        log.error({ err: error }, 'The server did not stop as it should.');
        process.exit(1);
      }
    };
    process.on('SIGTERM', () => stop(config.drainSeconds));
    // Who presses Ctrl-C has no load balancer to wait for.
    process.on('SIGINT', () => stop(0));
  },
};
