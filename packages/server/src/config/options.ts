import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ConfigError } from './config-error.ts';

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  /** Its default or its kind of value, then what it does. */
  readonly help: readonly [value: string, text: string];
}
export type Options = Readonly<Record<string, Option>>;

/** What was given for each option: flags win over the environment, the environment over the file of --config. */
export interface Given<Name extends string> {
  /** Throws ConfigError when it was given more than once. */
  one(name: Name): string | undefined;
  all(name: Name): readonly string[];
  flag(name: Name): boolean;
  /** What was given by flags alone. */
  onCommandLine(name: string): readonly string[];
}

/** `known` are the options that the file of --config may hold besides: one file serves every command. */
export function readOptions<Table extends Options>(
  options: Table,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  known: Options = options,
): Given<keyof Table & string> {
  const flags = parseFlags(options, args);
  const file = flags['config'] ?? environment['POOLKEEPER_CONFIG'];
  const fromFile = typeof file === 'string' ? readFile(file, { ...known, ...options }) : {};
  const onCommandLine = (name: string) => [flags[name] ?? []].flat().map(String);
  const all = (name: string): readonly string[] => {
    if (flags[name] !== undefined) return onCommandLine(name);
    const variable = environment[`POOLKEEPER_${name.toUpperCase().replaceAll('-', '_')}`];
    if (variable !== undefined && variable.trim() !== '') {
      return options[name]?.multiple ? variable.trim().split(/\s+/) : [variable.trim()];
    }
    const entry = fromFile[name];
    return entry === undefined ? [] : [entry].flat().map(String);
  };
  return {
    all,
    one(name) {
      const values = all(name);
      if (values.length > 1) throw new ConfigError(`--${name} can be given once.`);
      return values[0];
    },
    flag: (name) => all(name)[0] === 'true',
    onCommandLine,
  };
}

export const helpOf = (options: Options): string =>
  Object.entries(options)
    .map(
      ([
        name,
        {
          help: [value, text],
        },
      ]) => `  --${name.padEnd(21)} ${value.padEnd(11)} ${text}`,
    )
    .join('\n');

function parseFlags(options: Options, args: readonly string[]) {
  const table = Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
  );
  try {
    return parseArgs({ args: [...args], options: table, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new ConfigError(`${(error as Error).message.split('. ')[0]}.\n\nOptions:\n${helpOf(options)}`);
  }
}

function readFile(file: string, options: Options): Readonly<Record<string, unknown>> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(
      `The file ${file} of --config could not be read as JSON: ${(error as Error).message}`,
    );
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigError(`The file ${file} of --config must hold a JSON object.`);
  }
  const stranger = Object.keys(content).find((key) => !(key in options) || key === 'config');
  if (stranger !== undefined) {
    throw new ConfigError(`Unknown key ${stranger} in ${file}.`);
  }
  return content as Record<string, unknown>;
}
