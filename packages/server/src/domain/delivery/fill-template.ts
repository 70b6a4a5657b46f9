import { escapeHtml } from './escape-html.ts';
import type { MessageChannel } from './message.ts';

export interface Values {
  readonly code: string;
  /** What `{username}` stands for; undefined where it is a text like any other: outside of invitations. */
  readonly username: string | undefined;
  /** Where `{##text##}` leads; undefined where it is a text like any other. */
  readonly link: string | undefined;
}

/** Characters that show nothing, or turn what is around them: control and format characters, and separators of lines. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/**
 * Fills a body's placeholders, each once: what a value holds is no placeholder again. In email, what comes from a user
 * cannot become markup.
 */
export function fillTemplate(body: string, channel: MessageChannel, values: Values): string {
  const { code, username, link } = values;
  const isEmail = channel === 'EMAIL';
  const shown = (value: string) => (isEmail ? escapeHtml(value) : value);
  return replacePlaceholders(body, link !== undefined, (placeholder, text) => {
    if (placeholder === 'username') return username === undefined ? undefined : shownName(username, isEmail);
    return link === undefined
      ? shown(code)
      : // Amazon Cognito shows `##` for a link without a text; where it leads says more.
        `<a href="${escapeHtml(link)}">${text || escapeHtml(link)}</a>`;
  });
}

/** A name that is read from right to left must not pull the words after it along. */
function shownName(username: string, isEmail: boolean): string {
  const seen = username.replace(UNSEEN, '');
  if (!isEmail) return seen;
  return RIGHT_TO_LEFT.test(seen) ? `<bdi>${escapeHtml(seen)}</bdi>` : escapeHtml(seen);
}

type Fill = (placeholder: 'username' | 'code', text: string) => string | undefined;

/** In linear time, however many placeholders begin and never end. Where `fill` says nothing, the text stays. */
function replacePlaceholders(body: string, withLinks: boolean, fill: Fill): string {
  const begins = /\{username\}|\{##/g;
  const lastEnd = body.lastIndexOf('##}');
  let filled = '';
  let at = 0;
  for (let found = begins.exec(body); found !== null; found = begins.exec(body)) {
    const begin = found.index;
    const inner = begin + 3;
    let end = begins.lastIndex;
    let value: string | undefined;
    if (found[0] === '{username}') value = fill('username', '');
    else if (body.startsWith('##}', inner) || (withLinks && inner <= lastEnd)) {
      const close = body.indexOf('##}', inner);
      end = close + 3;
      value = fill('code', body.slice(inner, close));
    }
    if (value === undefined) continue;
    filled += body.slice(at, begin) + value;
    at = end;
    begins.lastIndex = end;
  }
  return filled + body.slice(at);
}
