/** How long a locale may be to be looked at; longer ones are attributes that hold something else. */
const LONGEST = 64;

/** What is written for a region, and says by that which script is read there. */
const SCRIPTS: Readonly<Record<string, string>> = {
  'zh-tw': 'zh-hant',
  'zh-hk': 'zh-hant',
  'zh-mo': 'zh-hant',
};

/**
 * Which of the locales that there are is meant by a wanted one, by lookup (RFC 4647 §3.4): `de-AT` finds `de`. A locale
 * may be written as systems do: `pt_BR.UTF-8`. Undefined where none is.
 */
export function lookUpLocale<Locale extends string>(
  wanted: string | undefined,
  available: readonly Locale[],
): Locale | undefined {
  if (wanted === undefined || wanted.length > LONGEST) return undefined;
  const named = wanted
    .replace(/[.@].*$/s, '')
    .replaceAll('_', '-')
    .toLowerCase();
  if (!/^[a-z]{1,8}(?:-[a-z0-9]{1,8})*$/.test(named)) return undefined;
  const subtags = named.split('-');
  for (; subtags.length > 0; subtags.pop()) {
    const range = subtags.join('-');
    const known = available.find((locale) => locale.toLowerCase() === (SCRIPTS[range] ?? range));
    if (known !== undefined) return known;
    // A single letter only announces what was just cut off.
    if (subtags.at(-2)?.length === 1) subtags.pop();
  }
  return undefined;
}

const RIGHT_TO_LEFT =
  /^(?:ar|arc|ckb|dv|fa|he|iw|ji|ks|ps|sd|syr|ug|ur|yi)(?:-|$)|-(?:arab|hebr|thaa|syrc)(?:-|$)/i;

/** The direction that a language is written in. */
export const directionOf = (lang: string): 'ltr' | 'rtl' => (RIGHT_TO_LEFT.test(lang) ? 'rtl' : 'ltr');
