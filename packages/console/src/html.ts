/** Text that is markup already; everything else that a template is given is escaped. */
export interface Html {
  readonly markup: string;
}

type Value = Html | readonly Html[] | string | number | false | undefined;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const render = (value: Value): string => {
  if (value === undefined || value === false) return '';
  if (typeof value === 'object') return 'markup' in value ? value.markup : value.map(render).join('');
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character] as string);
};

/**
 * `` html`<p title="${text}">${text}</p>` ``: values are escaped for text and for quoted attributes alike; `false` and
 * `undefined` leave nothing.
 */
export const html = (strings: TemplateStringsArray, ...values: readonly Value[]): Html => ({
  markup: strings.reduce((markup, text, index) => markup + render(values[index - 1]) + text),
});

/** For constants of this package alone: never for anything that came from outside. */
export const raw = (markup: string): Html => ({ markup });
