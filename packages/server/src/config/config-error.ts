/** A wrong start: its message tells what to do, and needs no stack. */
export class ConfigError extends Error {}
