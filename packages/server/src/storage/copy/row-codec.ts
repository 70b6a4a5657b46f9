import type { Row, SqlValue } from '../unit.ts';

export type ColumnKind = 'text' | 'integer' | 'bytes';
/** Columns in the order of a row's values. */
export type Columns = Readonly<Record<string, ColumnKind>>;
/** The values of a row in the order of its columns. */
export type Values = readonly SqlValue[];
/** A row as JSON has it: bytes are base64. */
export type JsonRow = readonly (string | number | null)[];

/** What a query answered, as values; throws on what the column cannot hold in every dialect. */
export const valuesOf = (columns: Columns, row: Row): Values =>
  Object.entries(columns).map(([name, kind]) => checked(name, kind, row[name]));

export const jsonOf = (values: Values): JsonRow =>
  values.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value));

/** Throws when it is no row of these columns. */
export function valuesFromJson(columns: Columns, row: unknown): Values {
  const entries = Object.entries(columns);
  if (!Array.isArray(row) || row.length !== entries.length) {
    throw new Error(`A row does not have its ${entries.length} columns.`);
  }
  return entries.map(([name, kind], index) => {
    const value: unknown = row[index];
    const isBytes = kind === 'bytes' && typeof value === 'string';
    return checked(name, kind, isBytes ? Buffer.from(value, 'base64') : value);
  });
}

function checked(name: string, kind: ColumnKind, value: unknown): SqlValue {
  if (value === null) return value;
  if (kind === 'text' && typeof value === 'string') return value;
  if (kind === 'integer' && Number.isSafeInteger(value)) return value as number;
  if (kind === 'bytes' && value instanceof Uint8Array) return value;
  throw new Error(`The column ${name} is to hold ${kind} and holds ${typeof value}.`);
}
