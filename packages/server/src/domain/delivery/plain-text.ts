const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  '#39': "'",
};

/** What an HTML body says, for readers and filters that want text: paragraphs, line breaks and where links lead. */
export function plainTextOf(html: string): string {
  return withoutHidden(html)
    .replace(/\s+/g, ' ')
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<\/(?:p|div|h[1-6]|li|tr|table|ul|ol)\s*>/gi, '\n\n')
    .replace(/<a\b[^<>]*?\bhref\s*=\s*["']([^"'<>]*)["'][^<>]*>([^<]*)<\/a\s*>/gi, (_, target, text) =>
      text.trim() === target ? target : `${text} (${target})`,
    )
    .replace(/<[a-z/!][^<>]*>/gi, '')
    .replace(/&(#39|[a-z]{2,4});/gi, (entity, name) => ENTITIES[name.toLowerCase()] ?? entity)
    .replace(/ {2,}/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Cuts out elements whose text is not shown, in linear time. */
function withoutHidden(html: string): string {
  const parts = html.split(/<\/(?:style|script|title)\s*>/i);
  const last = parts.pop() as string;
  const shown = parts.map((part) => part.replace(/<(?:style|script|title)\b[\s\S]*/i, ''));
  return [...shown, last].join('');
}
