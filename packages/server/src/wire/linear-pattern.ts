/**
 * The model's patterns, written for Java's `String.matches`, as matchers that take linear time on any input.
 *
 * Several of them (`.*\{####\}.*`, `[A]+@[A]+`) make a backtracking engine try every split of a hostile string:
 * quadratic time. They are read as what they say instead: every character is in the class, and the literals stand
 * in it in order. The rest compile to a RegExp each; test/unit/linear-pattern.test.ts proves those linear.
 */
export interface LinearPattern {
  /** Whether the whole text matches. */
  matches(text: string): boolean;
  /** Every RegExp that `matches` may run. */
  readonly expressions: readonly RegExp[];
}

const compiled = new Map<string, LinearPattern>();

/** Compiles a pattern once; throws at a construct whose meaning differs between Java and JavaScript. */
export function linearPattern(source: string): LinearPattern {
  let pattern = compiled.get(source);
  if (pattern === undefined) {
    pattern = edgesNotSpace(source) ?? literalsWithinClass(source) ?? plain(source);
    compiled.set(source, pattern);
  }
  return pattern;
}

/** Java's `\s`, and so `\S`, is ASCII; JavaScript's takes in U+00A0, U+3000 and more. */
const space = '\\t\\n\\v\\f\\r ';
/** What Java's `.` does not match; JavaScript's does match U+0085. */
const lineBreaks = '\\n\\r\\u0085\\u2028\\u2029';

/** `[C]q literal [C]q literal … [C]q` with one class throughout, each q `*` or `+`, and literals made of its members. */
function literalsWithinClass(source: string): LinearPattern | undefined {
  const [, dotAll, body = '', atom = ''] =
    /^(\(\?s\))?\^?((\[(?:[^\]\\]|\\.)+\]|\.).*?)\$?$/.exec(source) ?? [];
  // What follows each class: its quantifier and, but for the last, a literal.
  const steps = body.split(atom).slice(1);
  const gaps = steps.map((step) => step.slice(0, 1));
  const literals = steps.slice(0, -1).map((step) => literalText(step.slice(1)));
  if (atom === '' || steps.at(-1)?.length !== 1) return undefined;
  if (!gaps.every((gap) => gap === '*' || gap === '+')) return undefined;
  if (!literals.every((literal) => literal !== undefined)) return undefined;

  const outside = new RegExp(complement(inJavaScript(atom, dotAll !== undefined)), 'u');
  if (outside.test(literals.join(''))) return undefined;
  return {
    expressions: [outside],
    matches: (text) => !outside.test(text) && inOrder(text, literals, gaps),
  };
}

/** The leftmost place for each literal leaves most room for the next, so nothing is ever tried twice. */
function inOrder(text: string, literals: readonly string[], gaps: readonly string[]): boolean {
  let at = 0;
  for (const [index, literal] of literals.entries()) {
    const found = text.indexOf(literal, gaps[index] === '+' ? at + 1 : at);
    if (found === -1) return false;
    at = found + literal.length;
  }
  return gaps.at(-1) === '*' || at < text.length;
}

/** What a run of plain characters and escaped punctuation stands for; undefined for anything else. */
function literalText(source: string): string | undefined {
  if (!/^(?:\\[^\w\s]|[^\\^$.*+?()[\]{}|])+$/.test(source)) return undefined;
  return source.replaceAll(/\\(.)/g, '$1');
}

/** `^[\S]+.*[\S]+$`: the password pattern. What lies between the outer runs of non-spaces must be one line. */
function edgesNotSpace(source: string): LinearPattern | undefined {
  if (source !== '^[\\S]+.*[\\S]+$') return undefined;
  const lineBreak = new RegExp(`[${lineBreaks}]`, 'u');
  const isSpace = (code: number) => code === 32 || (code >= 9 && code <= 13);
  const matches = (text: string): boolean => {
    let start = 0;
    while (start < text.length && !isSpace(text.charCodeAt(start))) start++;
    // Nothing but non-spaces: two of them at least, and Java counts code points.
    if (start === text.length) return text.length > ((text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1);
    let end = text.length;
    while (end > start && !isSpace(text.charCodeAt(end - 1))) end--;
    return start > 0 && end < text.length && !lineBreak.test(text.slice(start, end));
  };
  return { expressions: [lineBreak], matches };
}

function plain(source: string): LinearPattern {
  const expression = naiveExpression(source);
  return { expressions: [expression], matches: (text) => expression.test(text) };
}

/** The pattern as one RegExp with Java's meaning. Linear or not: outside this file for tests alone. */
export function naiveExpression(source: string): RegExp {
  const dotAll = source.startsWith('(?s)');
  const tokens = source.slice(dotAll ? 4 : 0).match(/\[(?:[^\]\\]|\\.)+\]|\\.|./gsu) ?? [];
  return new RegExp(`^(?:${tokens.map((token) => inJavaScript(token, dotAll)).join('')})$`, 'u');
}

function inJavaScript(token: string, dotAll: boolean): string {
  if (token === '.') return dotAll ? '[\\s\\S]' : `[^${lineBreaks}]`;
  if (token === '[\\S]') return `[^${space}]`;
  if (!token.startsWith('[')) {
    if (/^\\\w$/.test(token)) throw new Error(`No linear pattern knows ${token} outside a class.`);
    return token;
  }
  if (/&&|\\[SDWbBdhHvVR]|.\[/.test(token)) throw new Error(`No linear pattern knows the class ${token}.`);
  return token.replaceAll('\\s', space);
}

function complement(characterClass: string): string {
  return characterClass.startsWith('[^') ? `[${characterClass.slice(2)}` : `[^${characterClass.slice(1)}`;
}
