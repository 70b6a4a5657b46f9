/**
 * Request text to a typed copy of what the model declares. Anything whose JSON type is wrong is a
 * SerializationException that names the member and never repeats its value.
 */
import { type ListShape, type MapShape, type Shape, type StructureShape, shapes } from '@poolkeeper/model';
import { malformedRequest } from '../errors.ts';
import { memberName, type Path, pathText } from './path.ts';

/** Reads one value; `parent` and `name` say where it stands. */
export type Decode = (value: unknown, parent: Path | undefined, name: string) => unknown;

/** The model nests five deep; more than this is an attempt to exhaust something. */
const deepest = 32;

/** Parses a request body; an empty one is `{}`. */
export function parseBody(body: string): unknown {
  if (body === '') return {};
  refuseDeepNesting(body);
  try {
    return JSON.parse(body);
  } catch {
    // The parser's own message quotes the body, which may hold a password.
    throw malformedRequest('The request body is not valid JSON.');
  }
}

const quotationMark = 0x22;
const backslash = 0x5c;

/** Counts brackets outside strings before anything is built from them. */
function refuseDeepNesting(body: string): void {
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    const code = body.charCodeAt(at);
    if (code === quotationMark) {
      at = endOfString(body, at);
      continue;
    }
    // `|` folds `[` (5b) onto `{` (7b) and `]` (5d) onto `}` (7d).
    const bracket = code | 0x20;
    if (bracket === 0x7b && ++depth > deepest) {
      throw malformedRequest(`The request body is nested deeper than ${deepest} levels.`);
    }
    if (bracket === 0x7d) depth--;
  }
}

function endOfString(body: string, start: number): number {
  let at = start + 1;
  for (; at < body.length; at++) {
    const code = body.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quotationMark) break;
  }
  return at;
}

const decoders = new Map<string, Decode>();

/** The decoder of a shape, built once. */
export function decoderOf(shapeName: string): Decode {
  let decode = decoders.get(shapeName);
  if (decode === undefined) {
    const shape = shapes[shapeName];
    if (shape === undefined) throw new Error(`The model has no shape ${shapeName}.`);
    decode = buildDecoder(shape);
    decoders.set(shapeName, decode);
  }
  return decode;
}

function buildDecoder(shape: Shape): Decode {
  switch (shape.type) {
    case 'structure':
      return shape.document ? (value) => value : structure(shape);
    case 'list':
      return list(shape);
    case 'map':
      return map(shape);
    case 'string':
      return string;
    case 'boolean':
      return boolean;
    case 'integer':
    case 'long':
      return integer;
    case 'timestamp':
      return timestamp;
    case 'blob':
      return blob;
  }
}

function structure(shape: StructureShape): Decode {
  const members = Object.entries(shape.members).map(([wireName, target]) => ({
    wireName,
    name: memberName(wireName),
    decode: decoderOf(target),
  }));
  return (value, parent, name) => {
    if (!isObject(value)) throw unexpected('an object', value, parent, name);
    const here = name === '' ? undefined : { parent, name };
    const result: Record<string, unknown> = {};
    for (const member of members) {
      const found = value[member.wireName];
      if (found === undefined || found === null) continue;
      result[member.wireName] = member.decode(found, here, member.name);
    }
    return result;
  };
}

function list(shape: ListShape): Decode {
  const decode = decoderOf(shape.member);
  return (value, parent, name) => {
    if (!Array.isArray(value)) throw unexpected('an array', value, parent, name);
    const here = { parent, name };
    // A null stays for validation to report, as it shifts no other item's number.
    return value.map((item: unknown, index) =>
      item === null ? null : decode(item, { parent: here, name: String(index + 1) }, 'member'),
    );
  };
}

function map(shape: MapShape): Decode {
  const decode = decoderOf(shape.value);
  return (value, parent, name) => {
    if (!isObject(value)) throw unexpected('an object', value, parent, name);
    const here = { parent, name };
    // Without a prototype a caller's `__proto__` is a key like any other, and `constructor` is absent unless sent.
    const result: Record<string, unknown> = Object.create(null);
    for (const key of Object.keys(value)) {
      const item = value[key];
      // The key is the caller's text, so a star stands for it in an error.
      if (item !== null) result[key] = decode(item, here, '*');
    }
    return result;
  };
}

const string: Decode = (value, parent, name) => {
  if (typeof value !== 'string') throw unexpected('a string', value, parent, name);
  // Half a surrogate pair is no character, and U+0000 is one that not every database can hold.
  if (!value.isWellFormed() || value.includes('\0')) throw notText(parent, name);
  return value;
};

const boolean: Decode = (value, parent, name) => {
  if (typeof value !== 'boolean') throw unexpected('a boolean', value, parent, name);
  return value;
};

const integer: Decode = (value, parent, name) => {
  if (!Number.isSafeInteger(value)) throw unexpected('an integer', value, parent, name);
  return value;
};

const timestamp: Decode = (value, parent, name) => {
  const date = new Date(typeof value === 'number' ? Math.round(value * 1000) : Number.NaN);
  if (Number.isNaN(date.getTime())) throw unexpected('a time in epoch seconds', value, parent, name);
  return date;
};

const blob: Decode = (value, parent, name) => {
  const digits =
    typeof value === 'string' && value.length % 4 === 0 ? value.replace(/={1,2}$/, '') : undefined;
  if (digits === undefined || /[^A-Za-z0-9+/]/.test(digits)) {
    throw unexpected('a base64 string', value, parent, name);
  }
  return new Uint8Array(Buffer.from(digits, 'base64'));
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unexpected(expected: string, value: unknown, parent: Path | undefined, name: string) {
  const found = `found ${kindOf(value)}`;
  if (name === '') return malformedRequest(`Expected ${expected} as the request body but ${found}.`);
  return malformedRequest(`Expected ${expected} at '${pathText(parent, name)}' but ${found}.`);
}

const notText = (parent: Path | undefined, name: string) =>
  malformedRequest(`Expected text of Unicode characters other than U+0000 at '${pathText(parent, name)}'.`);

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
