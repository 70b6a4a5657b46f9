import { equals, requestValue, type Spec } from './value.ts';

/**
 * Looks at a part of a read-only value and makes values with another part. Lawful by `equals`: what was set is got,
 * setting what was got changes nothing, and of two settings the second counts. `get` and the curried `set` are what
 * optics libraries take (a lens of monocle-ts as it is).
 */
export interface Lens<Whole, Part> {
  readonly get: (whole: Whole) => Part;
  /** Setting an optional member to `undefined` makes it absent. */
  readonly set: (part: Part) => (whole: Whole) => Whole;
  readonly modify: (change: (part: Part) => Part) => (whole: Whole) => Whole;
  /** Goes on into the part. From an optional member, say first what an absent one counts as: `or`. */
  readonly compose: <Inner>(inner: Lens<Part, Inner>) => Lens<Whole, Inner>;
  /** Reads an absent member as `fallback`, and makes the member absent when it is set to a value that equals it. */
  readonly or: (fallback: NonNullable<Part>) => Lens<Whole, NonNullable<Part>>;
}

/** A lens for each member of a structure. */
export type Lenses<Structure> = {
  readonly [Member in keyof Structure]-?: Lens<Structure, Structure[Member]>;
};

/** A lens out of its two halves. */
export function lens<Whole, Part>(
  get: (whole: Whole) => Part,
  set: (part: Part) => (whole: Whole) => Whole,
): Lens<Whole, Part> {
  return {
    get,
    set,
    modify: (change) => (whole) => set(change(get(whole)))(whole),
    compose: (inner) =>
      lens(
        (whole) => inner.get(get(whole)),
        (part) => (whole) => set(inner.set(part)(get(whole)))(whole),
      ),
    or: (fallback) =>
      lens(
        (whole) => get(whole) ?? fallback,
        (part) => set((equals(part, fallback) ? undefined : part) as Part),
      ),
  };
}

/** The lenses of a structure, which keep its values frozen and its sensitive members hidden. */
export function lenses<Structure extends object>(
  members: readonly (keyof Structure & string)[],
  spec?: Spec,
): Lenses<Structure> {
  const all = members.map((member) => [
    member,
    lens(
      (whole: Structure) => whole[member],
      (part) => (whole) => requestValue({ ...whole, [member]: part }, spec),
    ),
  ]);
  return Object.freeze(Object.fromEntries(all)) as Lenses<Structure>;
}
