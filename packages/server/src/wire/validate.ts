/**
 * The model's constraints on a decoded input. Texts and order are the service's: members in the model's order,
 * of one member the pattern before the length, `; ` between.
 */
import {
  type BlobShape,
  type ListShape,
  type MapShape,
  type NumberShape,
  type Shape,
  type StringShape,
  type StructureShape,
  shapes,
} from '@poolkeeper/model';
import { linearPattern } from './linear-pattern.ts';
import { memberName, type Path, pathText } from './path.ts';
import { shown } from './shown-value.ts';

/** Checks one present value and notes what it violates; `parent` and `name` say where it stands. */
export type Validate = (value: unknown, parent: Path | undefined, name: string, found: Violations) => void;

/** Counts every violation and words the first ten, so that a hostile request gets a short answer. */
export class Violations {
  count = 0;
  readonly texts: string[] = [];

  /** `value` is shown as ` 'text'`, ` null`, or, of a sensitive member, not at all: ``. */
  add(parent: Path | undefined, name: string, value: () => string, constraint: string): void {
    this.count++;
    if (this.texts.length >= 10) return;
    this.texts.push(
      `Value${value()} at '${pathText(parent, name)}' failed to satisfy constraint: ${constraint}`,
    );
  }
}

/** One constraint of a shape on its own value: its text and its test. */
interface Constraint {
  readonly text: string;
  readonly holds: (value: never) => boolean;
}

const validators = new Map<string, Validate | undefined>();

/** The validator of a shape, built once; undefined where nothing is constrained. `sensitive` comes from around it. */
export function validatorOf(shapeName: string, sensitive: boolean): Validate | undefined {
  const shape = shapeNamed(shapeName);
  const hidden = sensitive || shape.sensitive === true;
  const key = `${shapeName} ${hidden}`;
  if (!validators.has(key)) validators.set(key, build(shape, hidden));
  return validators.get(key);
}

function shapeNamed(name: string): Shape {
  const shape = shapes[name];
  if (shape === undefined) throw new Error(`The model has no shape ${name}.`);
  return shape;
}

function build(shape: Shape, hidden: boolean): Validate | undefined {
  const own = ownConstraints(shape, hidden);
  if (shape.type === 'structure') return shape.document ? undefined : structure(shape, hidden);
  if (shape.type === 'list') return both(own, items(shape, hidden));
  if (shape.type === 'map') return both(own, entries(shape, hidden));
  return own;
}

function both(first: Validate | undefined, second: Validate | undefined): Validate | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return (value, parent, name, found) => {
    first(value, parent, name, found);
    second(value, parent, name, found);
  };
}

function structure(shape: StructureShape, hidden: boolean): Validate | undefined {
  const required = new Set(shape.required);
  const members = Object.entries(shape.members)
    .map(([wireName, target]) => ({
      wireName,
      name: memberName(wireName),
      required: required.has(wireName),
      hidden: hidden || shapeNamed(target).sensitive === true,
      validate: validatorOf(target, hidden),
    }))
    .filter((member) => member.required || member.validate !== undefined);
  if (members.length === 0) return undefined;
  return (value, parent, name, found) => {
    const here = name === '' ? undefined : { parent, name };
    const present = value as Record<string, unknown>;
    for (const member of members) {
      const item = present[member.wireName];
      if (item !== undefined) member.validate?.(item, here, member.name, found);
      else if (member.required) found.add(here, member.name, () => (member.hidden ? '' : ' null'), notNull);
    }
  };
}

const notNull = 'Member must not be null';

function items(shape: ListShape, hidden: boolean): Validate {
  const member = shapeNamed(shape.member);
  const hiddenItem = hidden || member.sensitive === true;
  const constraints = constraintsOf(member);
  // Of a list of plain values the service reports the list, with all constraints on its items; of structures, each.
  const validate = constraints.length === 0 ? validatorOf(shape.member, hidden) : undefined;
  return (value, parent, name, found) => {
    const list = value as readonly unknown[];
    const here = { parent, name };
    let broken = false;
    for (const [index, item] of list.entries()) {
      const place = item === null || validate ? { parent: here, name: String(index + 1) } : undefined;
      if (item === null) found.add(place, 'member', () => (hiddenItem ? '' : ' null'), notNull);
      else if (validate) validate(item, place, 'member', found);
      else broken ||= !holdsAll(constraints, item);
    }
    if (broken)
      found.add(parent, name, () => shown(shape, list, hidden), `Member must satisfy ${all(constraints)}`);
  };
}

function entries(shape: MapShape, hidden: boolean): Validate | undefined {
  const value = shapeNamed(shape.value);
  const keys = constraintsOf(shapeNamed(shape.key));
  const values = constraintsOf(value);
  const validate = values.length === 0 ? validatorOf(shape.value, hidden) : undefined;
  if (keys.length === 0 && values.length === 0 && validate === undefined) return undefined;
  return (whole, parent, name, found) => {
    const map = whole as Readonly<Record<string, unknown>>;
    const text = () => shown(shape, map, hidden);
    const names = Object.keys(map);
    if (!names.every((key) => holdsAll(keys, key))) {
      found.add(parent, name, text, `Map keys must satisfy ${all(keys)}`);
    }
    if (!names.every((key) => holdsAll(values, map[key]))) {
      found.add(parent, name, text, `Map value must satisfy ${all(values)}`);
    }
    if (validate === undefined) return;
    for (const key of names) {
      validate(
        map[key],
        { parent: { parent, name }, name: hidden ? '*' : key.slice(0, 64) },
        'member',
        found,
      );
    }
  };
}

/** The service lists all constraints of an item or key, the satisfied ones too, in this order. */
function all(constraints: readonly Constraint[]): string {
  return `constraint: [${constraints
    .map(({ text }) => text)
    .toReversed()
    .join(', ')}]`;
}

function holdsAll(constraints: readonly Constraint[], value: unknown): boolean {
  for (const { holds } of constraints) if (!holds(value as never)) return false;
  return true;
}

function ownConstraints(shape: Shape, hidden: boolean): Validate | undefined {
  const constraints = constraintsOf(shape);
  if (constraints.length === 0) return undefined;
  return (value, parent, name, found) => {
    for (const { text, holds } of constraints) {
      if (!holds(value as never)) found.add(parent, name, () => shown(shape, value, hidden), text);
    }
  };
}

/** Constraints on a value itself, not on what it holds, in the order of the service's messages. */
function constraintsOf(shape: Shape): readonly Constraint[] {
  switch (shape.type) {
    case 'string':
      return [...enumeration(shape), ...pattern(shape), ...lengths(shape, (text: string) => text.length)];
    case 'blob':
    case 'list':
      return lengths(shape, (value: { readonly length: number }) => value.length);
    case 'map':
      return lengths(shape, (value: object) => Object.keys(value).length);
    case 'integer':
    case 'long':
      return range(shape);
    default:
      return [];
  }
}

function enumeration({ enum: names }: StringShape): Constraint[] {
  if (names === undefined) return [];
  const set = new Set(names);
  const text = `Member must satisfy enum value set: [${names.join(', ')}]`;
  return [{ text, holds: (value: string) => set.has(value) }];
}

function pattern(shape: StringShape): Constraint[] {
  if (shape.pattern === undefined) return [];
  const text = `Member must satisfy regular expression pattern: ${shape.pattern}`;
  return [{ text, holds: linearPattern(shape.pattern).matches }];
}

function lengths<T>(
  { min = 0, max }: StringShape | BlobShape | ListShape | MapShape,
  lengthOf: (value: T) => number,
): Constraint[] {
  const constraints: Constraint[] = [];
  if (min > 0) {
    const text = `Member must have length greater than or equal to ${min}`;
    constraints.push({ text, holds: (value: T) => lengthOf(value) >= min });
  }
  if (max !== undefined) {
    const text = `Member must have length less than or equal to ${max}`;
    constraints.push({ text, holds: (value: T) => lengthOf(value) <= max });
  }
  return constraints;
}

function range({ min, max }: NumberShape): Constraint[] {
  const constraints: Constraint[] = [];
  if (min !== undefined) {
    const text = `Member must have value greater than or equal to ${min}`;
    constraints.push({ text, holds: (value: number) => value >= min });
  }
  if (max !== undefined) {
    const text = `Member must have value less than or equal to ${max}`;
    constraints.push({ text, holds: (value: number) => value <= max });
  }
  return constraints;
}
