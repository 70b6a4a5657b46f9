import { pino } from 'pino';
import { ConfigError, readConfig, usage } from './config/config.ts';
import { startServer } from './server.ts';
import { DataDirectoryInUse } from './storage/sqlite.ts';

/** How long requests under way may take after SIGTERM, ms. */
const DRAIN = 10_000;

/** Runs a command of `poolkeeper` and answers for the process: output, signals, exit code. */
export async function runCommand(args: readonly string[]): Promise<void> {
  try {
    await run(args);
  } catch (error) {
    explain(error as NodeJS.ErrnoException);
    process.exit(1);
  }
}

async function run(args: readonly string[]): Promise<void> {
  const [command, ...rest] = args;
  if (command === undefined || command === 'help' || args.includes('--help')) {
    console.log(usage);
    return;
  }
  if (command !== 'start') throw new ConfigError(`Unknown command ${command}.\n\n${usage}`);
  const server = await startServer(
    readConfig(rest, process.env),
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
}

function explain(error: NodeJS.ErrnoException): void {
  if (error instanceof ConfigError || error instanceof DataDirectoryInUse) console.error(error.message);
  else if (error.code === 'EADDRINUSE') {
    console.error(`${error.message}. Stop what listens there, or choose another port with --port.`);
  } else console.error(error);
}
