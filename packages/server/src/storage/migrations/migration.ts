import type { ColumnDefinitionBuilder, Compilable, CreateTableBuilder, SchemaModule, sql } from 'kysely';

/** What the dialects spell differently. */
export interface DialectTypes {
  /** Compared byte by byte, whatever the database's own collation: ranges and prefixes mean the same everywhere. */
  text: ReturnType<typeof sql>;
  blob: ReturnType<typeof sql>;
  /** For a table of small rows that are found by their primary key alone: the rows live in the key's own tree. */
  clustered<Builder extends CreateTableBuilder<string, string>>(table: Builder): Builder;
  /** For a column that an existing table gets: it may be there from a start that ended half-way. */
  addedColumn(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder;
}

export interface Migration {
  /** Sorts in the order of application; never changes once released. */
  readonly name: string;
  /**
   * `expand` adds what nodes of the version before do not notice, so that they run on beside the new ones. `contract`
   * takes away what they need: it belongs in a version after the one that stopped to need it.
   */
  readonly phase: 'expand' | 'contract';
  /** Each may be run again: where the engine cannot change a schema in a transaction, a start may end between two. */
  statements(schema: SchemaModule, types: DialectTypes): Compilable[];
}
