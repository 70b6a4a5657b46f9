import type { Compilable, SchemaModule, sql } from 'kysely';

/** Column types whose names differ between the dialects. */
export interface DialectTypes {
  blob: ReturnType<typeof sql>;
}

export interface Migration {
  /** Sorts in the order of application; never changes once released. */
  readonly name: string;
  statements(schema: SchemaModule, types: DialectTypes): Compilable[];
}
