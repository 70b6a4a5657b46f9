import { type Shape, shapes } from '@poolkeeper/model';

/** Longest value repeated in a message, in UTF-16 code units. */
const longest = 256;

/**
 * A value as a constraint message repeats it, with the space before: ` 'text'`, ` '[a, b]'`, ` '{key=value}'`.
 * Nothing for what is sensitive, or holds structures, or is bytes.
 */
export function shown(shape: Shape, value: unknown, hidden: boolean): string {
  if (hidden || shape.sensitive) return '';
  if (Array.isArray(value)) {
    if (value.length > 0 && !(shape.type === 'list' && isPlain(shape.member))) return '';
    return quoted(`[${enough(value).join(', ')}]`);
  }
  if (shape.type === 'map') {
    if (!isPlain(shape.key) || !isPlain(shape.value)) return '';
    const entries = enough(Object.entries(value as Record<string, unknown>));
    return quoted(`{${entries.map(([key, item]) => `${key}=${item}`).join(', ')}}`);
  }
  return typeof value === 'object' ? '' : quoted(String(value));
}

function isPlain(shapeName: string): boolean {
  const shape = shapes[shapeName];
  return shape !== undefined && !shape.sensitive && /^(?:string|integer|long|boolean)$/.test(shape.type);
}

/** Each part takes two characters at least, so more of them would be cut off anyway. */
function enough<T>(parts: readonly T[]): readonly T[] {
  return parts.slice(0, longest);
}

function quoted(text: string): string {
  if (text.length <= longest) return ` '${text}'`;
  // Half of a surrogate pair at the cut would be an invalid character.
  return ` '${text.slice(0, longest).replace(/[\ud800-\udbff]$/, '')}...'`;
}
