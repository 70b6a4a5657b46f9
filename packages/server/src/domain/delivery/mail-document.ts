import { escapeHtml } from './escape-html.ts';
import { directionOf } from './locales.ts';

const WHOLE_DOCUMENT = /<(?:!doctype|html|head|body)[\s>]/i;
/** Words of looks: what says its own colours has them for a light ground, and mail readers know how to darken them. */
const OWN_COLOURS = /colou?r|background/i;

const STYLE = `
body { margin: 0; padding: 24px 16px; background: #fff; color: #1b1f24; font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
main { max-width: 600px; margin: 0 auto; overflow-wrap: anywhere; }
main > p:first-child { margin-top: 0; }
img { max-width: 100%; }
.code { font-size: 1.25em; speak-as: spell-out digits literal-punctuation; }
`;

const DARK_STYLE = `@media (prefers-color-scheme: dark) {
body { background: #14181c; color: #e6eaee; }
a { color: #7cc4ff; }
}
`;

/** Without elements but those around a name. */
const SENTENCE = /^(?:[^<]|<\/?bdi>)*$/;

export interface MailText {
  readonly subject: string;
  /** HTML: a sentence, a fragment or a whole document. */
  readonly body: string;
  /** What stands out in a sentence, and is read out character by character where a reader can. */
  readonly code: string;
  /** BCP 47. */
  readonly lang: string;
}

/**
 * The whole document of a mail, which mail readers, screen readers and dark screens know what to do with. A template that
 * is a whole document is sent as it is.
 */
export function mailDocument({ subject, body, code, lang }: MailText): string {
  if (WHOLE_DOCUMENT.test(body)) return body;
  const mayBeDark = !OWN_COLOURS.test(body);
  const scheme = mayBeDark ? 'light dark' : 'light';
  // A code is not a telephone number.
  return `<!doctype html>
<html lang="${escapeHtml(lang)}" dir="${directionOf(lang)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${scheme}">
<meta name="supported-color-schemes" content="${scheme}">
<meta name="format-detection" content="telephone=no, date=no, address=no">
<title>${escapeHtml(subject || 'Message')}</title>
<style>
:root { color-scheme: ${scheme}; }${STYLE}${mayBeDark ? DARK_STYLE : ''}</style>
</head>
<body>
<main>
${SENTENCE.test(body) ? paragraph(body, escapeHtml(code)) : body}
</main>
</body>
</html>
`;
}

function paragraph(sentence: string, code: string): string {
  const at = code === '' ? -1 : sentence.indexOf(code);
  if (at === -1) return `<p>${sentence}</p>`;
  return `<p>${sentence.slice(0, at)}<strong class="code">${code}</strong>${sentence.slice(at + code.length)}</p>`;
}
