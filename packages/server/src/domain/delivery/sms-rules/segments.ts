/** The default alphabet of GSM 03.38: a place each. */
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Its extension: two places, which stay together. */
const EXTENDED = new Set('\f^{}\\[~]|€');

/** How many segments a text is sent in; each one is paid for. */
export function segmentsOf(text: string): number {
  const characters = [...text];
  if (!characters.every((character) => BASIC.has(character) || EXTENDED.has(character))) {
    // UCS-2, where the halves of a pair stay together.
    return split(
      characters.map((character) => character.length),
      70,
      67,
    );
  }
  return split(
    characters.map((character) => (EXTENDED.has(character) ? 2 : 1)),
    160,
    153,
  );
}

/** `whole` places where one segment is enough, `part` in each of several: the rest says how they go together. */
function split(widths: readonly number[], whole: number, part: number): number {
  if (widths.reduce((sum, width) => sum + width, 0) <= whole) return 1;
  let segments = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > part) {
      segments += 1;
      used = 0;
    }
    used += width;
  }
  return segments;
}
