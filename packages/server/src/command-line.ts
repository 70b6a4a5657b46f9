import { backup } from './commands/backup.ts';
import type { Command } from './commands/command.ts';
import { delivery } from './commands/delivery.ts';
import { keys } from './commands/keys.ts';
import { masterKey } from './commands/master-key.ts';
import { migrate } from './commands/migrate.ts';
import { restore } from './commands/restore.ts';
import { start } from './commands/start.ts';
import { trigger } from './commands/trigger.ts';
import { ConfigError } from './config/config-error.ts';
import { DatabaseDoesNotAnswer } from './storage/postgres.ts';
import { DataDirectoryInUse } from './storage/sqlite.ts';

const commands: Readonly<Record<string, Command>> = {
  start,
  keys,
  backup,
  restore,
  migrate,
  'master-key': masterKey,
  trigger,
  delivery,
};

const usage = `Usage: poolkeeper <command> [options]

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`)
  .join('\n')}

poolkeeper <command> --help shows its options.`;

/** Runs a command of `poolkeeper` and answers for the process: output, exit code. */
export async function runCommand(args: readonly string[]): Promise<void> {
  try {
    await run(args);
  } catch (error) {
    explain(error as NodeJS.ErrnoException);
    process.exit(1);
  }
}

async function run([name, ...rest]: readonly string[]): Promise<void> {
  if (name === undefined || name === 'help' || name === '--help') {
    console.log(usage);
    return;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new ConfigError(`Unknown command ${name}.\n\n${usage}`);
  if (rest.includes('--help')) console.log(`Usage: ${command.usage}`);
  else await command.run(rest);
}

/** Errors whose message says what to do. */
const whatToDo = [ConfigError, DataDirectoryInUse, DatabaseDoesNotAnswer];

function explain(error: NodeJS.ErrnoException): void {
  if (whatToDo.some((kind) => error instanceof kind)) console.error(error.message);
  else if (error.code === 'EADDRINUSE') {
    console.error(`${error.message}. Stop what listens there, or choose another port with --port.`);
  } else console.error(error);
}
