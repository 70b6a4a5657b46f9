/** A command of `poolkeeper`. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` shows. */
  readonly usage: string;
  /** Resolves when it is done; a server runs on after that. Throws ConfigError for what the caller can mend. */
  run(args: readonly string[]): Promise<void>;
}
