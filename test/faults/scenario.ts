import type { Ledger } from './ledger.ts';

export interface Context {
  readonly rounds: number;
  /** Moves clocks over the rest of a lease in the end, instead of waiting for it. */
  readonly hurry: boolean;
  readonly ledger: Ledger;
  readonly say: (text: string) => void;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Whether it needs PostgreSQL, with the tools that copy a server. */
  readonly postgres: boolean;
  /** Throws NotPossible where this machine does not let it happen. */
  run(context: Context): Promise<void>;
}

/** Its message tells what is missing. */
export class NotPossible extends Error {}
