import { createHash } from 'node:crypto';
import { lookUpLocale } from '../domain/delivery/locales.ts';
import { pageLocales, pageTexts } from './confirm-user-texts.ts';

export type Outcome = 'confirmed' | 'refused' | 'unavailable';

const style = `
:root { color-scheme: light dark; --ground: #f6f7f8; --card: #fff; --line: #dde2e6; --text: #1b1f24; --soft: #57606a; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #101418; --card: #181d22; --line: #2c343b; --text: #e6eaee; --soft: #9aa6b2; }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 16px; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 30rem; padding: 28px 30px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; }
p { margin: 12px 0 0; color: var(--soft); }
`;

/** The page fetches nothing and runs nothing, and its address, which holds a code, goes nowhere. */
export const pageHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'content-type': 'text/html; charset=utf-8',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex',
} as const;

/** Made of constants alone: nothing of a request is in it but the choice of the language. */
export function confirmUserPage(outcome: Outcome, acceptLanguage: string | undefined): string {
  const lang = preferredLocale(acceptLanguage);
  const { title, text } = pageTexts[lang][outcome];
  return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${text}</p>
</main>
</body>
</html>
`;
}

/** More are not looked at. */
const MOST_LANGUAGES = 20;

/** The first of a browser's languages (RFC 9110 §12.5.4) that there is a page in. */
function preferredLocale(acceptLanguage: string | undefined): keyof typeof pageTexts {
  const wanted = (acceptLanguage ?? '')
    .split(',', MOST_LANGUAGES)
    .map((item) => {
      const [range = '', weight = ''] = item.split(';');
      const quality = /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(weight)?.[1];
      return { range: range.trim(), quality: Number(quality ?? 1) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality);
  for (const { range } of wanted) {
    const locale = lookUpLocale(range, pageLocales);
    if (locale !== undefined) return locale;
  }
  return 'en';
}
