import type { HtmlToTextOptions } from 'html-to-text';

/** Deeper than any mail that was meant to be read. */
const DEEPEST = 100;

const asWritten = { uppercase: false };
const options: HtmlToTextOptions = {
  // Mail readers wrap lines themselves, and a link that was wrapped is none.
  wordwrap: false,
  limits: { maxDepth: DEEPEST, ellipsis: '' },
  formatters: {
    cell(element, walk, builder) {
      walk(element.children, builder);
      builder.addInline(' ', {});
    },
  },
  selectors: [
    { selector: 'title', format: 'skip' },
    { selector: 'img', format: 'skip' },
    // `Confirm <https://…>`, as RFC 3986 (appendix C) has links in text.
    { selector: 'a', options: { linkBrackets: ['<', '>'], hideLinkHrefIfSameAsText: true } },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: asWritten })),
    { selector: 'hr', options: { length: 10 } },
    ...['td', 'th'].map((selector) => ({ selector, format: 'cell' })),
    {
      selector: 'tr',
      format: 'block',
      options: { leadingLineBreaks: 1, trailingLineBreaks: 1 },
    },
  ],
};

let converter: Promise<(html: string) => string> | undefined;

/** What an HTML body says, for readers and filters that want text: paragraphs, line breaks and where links lead. */
export async function plainTextOf(html: string): Promise<string> {
  // Loaded with the first mail: a start stays quick.
  converter ??= import('html-to-text').then(({ compile }) => compile(options));
  return (await converter)(html).trim();
}
