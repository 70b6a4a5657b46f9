import { inspect } from 'node:util';
import { type FunctionMapping, shownMapping } from './functions.ts';

const SECRET = ['masterKey', 'adminToken', 'webhookSecrets'];
const URLS = ['email', 'sms', 'databaseUrls'];

/** Freezes a config; whatever prints it, as an object or as JSON, gets it without its secrets. */
export function printable<T extends object>(config: T): Readonly<T> {
  const shown = () =>
    Object.fromEntries(Object.entries(config).map(([name, value]) => [name, show(name, value)]));
  Object.defineProperty(config, 'toJSON', { value: shown });
  Object.defineProperty(config, inspect.custom, { value: shown });
  return Object.freeze(config);
}

function show(name: string, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (SECRET.includes(name)) return '***';
  if (name === 'functions') return (value as readonly FunctionMapping[]).map(shownMapping);
  return URLS.includes(name) ? (value as readonly string[]).map(place) : value;
}

/** Passwords can be anywhere in a URL but here. */
function place(text: string): string {
  const { protocol, host } = URL.canParse(text) ? new URL(text) : { protocol: '', host: '' };
  return `${protocol}//${host}`;
}
