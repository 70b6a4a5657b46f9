import { operations, shapes } from '@poolkeeper/model';
import fc from 'fast-check';

export const operationNames = Object.keys(operations) as (keyof typeof operations)[];

/** Texts of any letters; of two halves of a letter apart, JSON and UTF-8 make different things. */
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
/** `__proto__` is left out: the AWS SDK loses it. */
const names = fc
  .oneof(text, fc.constantFrom('constructor', 'toString', '*', 'httpStatus'))
  .filter((name) => name !== '__proto__');

/** How values of a type look: in an input they are JavaScript's; in an output, as JSON carries them. */
type Side = 'input' | 'output';

const known = new Map<string, fc.Arbitrary<unknown>>();

/** Values of a shape by its types alone: no bound of length and no pattern, which are for servers to judge. */
export function valuesOf(shapeName: string, side: Side): fc.Arbitrary<unknown> {
  const key = `${side} ${shapeName}`;
  const made = known.get(key) ?? makeValuesOf(shapeName, side);
  known.set(key, made);
  return made;
}

function makeValuesOf(shapeName: string, side: Side): fc.Arbitrary<unknown> {
  const shape = shapes[shapeName];
  switch (shape?.type) {
    case 'structure': {
      if (shape.document)
        return fc.dictionary(names, fc.oneof(text, fc.integer(), fc.boolean()), { noNullPrototype: true });
      const members: Record<string, fc.Arbitrary<unknown>> = {};
      for (const [name, target] of Object.entries(shape.members)) members[name] = valuesOf(target, side);
      return fc.record(members, {
        requiredKeys: [...(shape.required ?? [])],
        noNullPrototype: true,
      });
    }
    case 'list':
      return fc.array(valuesOf(shape.member, side), { maxLength: 3 });
    case 'map':
      return fc.dictionary(names, valuesOf(shape.value, side), { maxKeys: 3, noNullPrototype: true });
    case 'string':
      return shape.enum ? fc.oneof(fc.constantFrom(...shape.enum), text) : text;
    case 'integer':
      return fc.integer();
    case 'long':
      return fc.maxSafeInteger();
    case 'boolean':
      return fc.boolean();
    case 'blob': {
      const bytes = fc.uint8Array({ maxLength: 40 });
      return side === 'input' ? bytes : bytes.map((value) => Buffer.from(value).toString('base64'));
    }
    case 'timestamp':
      return fc.integer({ min: 0, max: 4_000_000_000_000 }).map((ms) => ms / 1000);
    default:
      throw new Error(`The model has no shape ${shapeName}.`);
  }
}

/** Inputs, or outputs, of an operation. */
export function ofOperation(
  name: keyof typeof operations,
  side: Side,
): fc.Arbitrary<Record<string, unknown>> {
  const shape = operations[name][side];
  return shape === null ? fc.constant({}) : (valuesOf(shape, side) as fc.Arbitrary<Record<string, unknown>>);
}
