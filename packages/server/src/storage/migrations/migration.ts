import type { Compilable, CreateTableBuilder, SchemaModule, sql } from 'kysely';

/** What the dialects spell differently. */
export interface DialectTypes {
  blob: ReturnType<typeof sql>;
  /** For a table of small rows that are found by their primary key alone: the rows live in the key's own tree. */
  clustered<Builder extends CreateTableBuilder<string, string>>(table: Builder): Builder;
}

export interface Migration {
  /** Sorts in the order of application; never changes once released. */
  readonly name: string;
  statements(schema: SchemaModule, types: DialectTypes): Compilable[];
}
