import type { ErrorName } from './generated/types.ts';

/** Constraints on a length: UTF-16 code units of a string, bytes of a blob, items of a list or map. */
interface Length {
  readonly min?: number;
  readonly max?: number;
}

/** A value that must not be repeated in a message or a log; what lies within a sensitive shape is sensitive too. */
interface Sensitivity {
  readonly sensitive?: boolean;
}

export interface StructureShape extends Sensitivity {
  readonly type: 'structure';
  /** Member name, as on the wire, to the name of its shape. */
  readonly members: Readonly<Record<string, string>>;
  readonly required?: readonly string[];
  /** Any JSON value stands here; `members` is empty. */
  readonly document?: boolean;
}

export interface ListShape extends Sensitivity, Length {
  readonly type: 'list';
  readonly member: string;
}

export interface MapShape extends Sensitivity, Length {
  readonly type: 'map';
  readonly key: string;
  readonly value: string;
}

export interface StringShape extends Sensitivity, Length {
  readonly type: 'string';
  /** A regular expression in Java's dialect that the whole string must match. */
  readonly pattern?: string;
  readonly enum?: readonly string[];
}

export interface BlobShape extends Sensitivity, Length {
  readonly type: 'blob';
}

/** `min` and `max` bound the value itself. */
export interface NumberShape extends Sensitivity, Length {
  readonly type: 'integer' | 'long';
}

export interface PlainShape extends Sensitivity {
  readonly type: 'boolean' | 'timestamp';
}

export type Shape =
  | StructureShape
  | ListShape
  | MapShape
  | StringShape
  | BlobShape
  | NumberShape
  | PlainShape;

export interface OperationFacts {
  /** Name of the input's shape. */
  readonly input: string | null;
  /** Name of the output's shape; null when the operation answers nothing. */
  readonly output: string | null;
  readonly errors: readonly ErrorName[];
  /** `sigv4`: the caller signs with the operator's keys. `none`: unsigned; an access token may still be asked for. */
  readonly auth: 'none' | 'sigv4';
}
