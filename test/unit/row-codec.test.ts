import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ColumnKind,
  type Columns,
  jsonOf,
  valuesFromJson,
  valuesOf,
} from '../../packages/server/src/storage/copy/row-codec.ts';

const anyOf: Record<ColumnKind, fc.Arbitrary<string | number | Uint8Array | null>> = {
  text: fc.option(fc.string({ unit: 'binary' })),
  integer: fc.option(fc.maxSafeInteger()),
  bytes: fc.option(fc.uint8Array()),
};

/** Columns and a row of them. */
const table = fc
  .dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.constantFrom<ColumnKind>('text', 'integer', 'bytes'))
  .chain((columns) =>
    fc.tuple(
      fc.constant(columns as Columns),
      fc.record(Object.fromEntries(Object.entries(columns).map(([name, kind]) => [name, anyOf[kind]]))),
    ),
  );

describe('a row in a backup', () => {
  it('comes back as it was, whatever it holds', () => {
    fc.assert(
      fc.property(table, ([columns, row]) => {
        const values = valuesOf(columns, row);
        const line = JSON.stringify(jsonOf(values));
        expect(line).not.toContain('\n');
        const read = valuesFromJson(columns, JSON.parse(line));
        expect(jsonOf(read)).toEqual(jsonOf(values));
        expect(read).toEqual(
          values.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value)),
        );
      }),
    );
  });

  it('is refused when it is not one of its columns', () => {
    const columns: Columns = { name: 'text', count: 'integer', sealed: 'bytes' };
    expect(valuesFromJson(columns, ['a', 1, 'AAE='])).toEqual(['a', 1, Buffer.of(0, 1)]);
    for (const row of [
      null,
      {},
      ['a', 1],
      ['a', 1, 'AAE=', 'more'],
      [1, 1, 'AAE='],
      ['a', '1', 'AAE='],
      ['a', 1.5, 'AAE='],
      ['a', 2 ** 53, 'AAE='],
      ['a', 1, 7],
    ]) {
      expect(() => valuesFromJson(columns, row)).toThrow(/columns|is to hold/);
    }
    expect(() => valuesOf(columns, { name: 'a', count: 1 })).toThrow('sealed is to hold bytes');
  });
});
