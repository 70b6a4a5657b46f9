import { shapes } from '@poolkeeper/model';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { linearPattern, naiveExpression } from '../../packages/server/src/wire/linear-pattern.ts';

const sources = [
  ...new Set(
    Object.values(shapes).flatMap((shape) => (shape.type === 'string' ? [shape.pattern ?? ''] : [])),
  ),
].filter((source) => source !== '');

const expressions = new Map(
  sources.flatMap((source) => linearPattern(source).expressions.map((each) => [String(each), each])),
);

describe('no pattern takes more than linear time', () => {
  let checkSync: typeof import('recheck').checkSync;
  beforeAll(async () => {
    // The backend in JavaScript needs neither Java nor a binary of the platform.
    process.env.RECHECK_SYNC_BACKEND = 'pure';
    ({ checkSync } = await import('recheck'));
  });

  // Look-behind is beyond recheck's automaton. By hand: one class, one star, then a look at a single character, so a
  // failure gives back each character once.
  const provenByHand = '/^(?:^[0-9A-Za-z\\.\\-_]*(?<!\\.)$)$/u';

  test.each([...expressions])('%s', (text, expression) => {
    // The automaton proves; recheck's other way, fuzzing, only searches.
    const judgement = checkSync(expression.source, expression.flags, { checker: 'automaton' });
    expect(judgement).toMatchObject(
      text === provenByHand ? { status: 'unknown', error: { kind: 'unsupported' } } : { status: 'safe' },
    );
  });

  test('the judge convicts what was rewritten', () => {
    const quadratic = ['.*\\{####\\}.*', '^[\\S]+.*[\\S]+$'].map((source) => naiveExpression(source));
    for (const { source, flags } of quadratic) expect(checkSync(source, flags).status).toBe('vulnerable');
  });

  const hostile = [
    'a',
    '{',
    '{####',
    '{##',
    '#',
    '@',
    '_',
    'a_',
    '.',
    ' ',
    '\u0085',
    '😀',
    '\ud800',
    'arn:a:',
  ];
  test.each(sources)('a mebibyte of hostile text is judged at once: %s', (source) => {
    const pattern = linearPattern(source);
    for (const seed of hostile) {
      const text = seed.repeat(2 ** 20 / seed.length);
      const start = performance.now();
      for (const each of [text, `${text}\n`, `${text}!`]) pattern.matches(each);
      // Quadratic time would be minutes; the bound is generous for a busy machine.
      expect(performance.now() - start, `on ${JSON.stringify(seed)} repeated`).toBeLessThan(1000);
    }
  });
});

describe('a linear pattern matches exactly what the pattern matches', () => {
  const alphabet = [...'aZ9_-.@:{}# \t\n\r\v\u0085\u00a0\u2028é😀+=/,*"\\', '\ud83d', '{####}', '{##', '##}'];
  const texts = fc.array(fc.constantFrom(...alphabet), { maxLength: 9 }).map((parts) => parts.join(''));

  test.each(sources)('%s', (source) => {
    const [pattern, naive] = [linearPattern(source), naiveExpression(source)];
    fc.assert(
      fc.property(texts, (text) => pattern.matches(text) === naive.test(text)),
      { numRuns: 1000 },
    );
  });

  test.each(['[a#]+##[a#]+', '[a#]*#a[a#]+#[a#]*', '[a#😀]+#[a#😀]+'])(
    '%s, on every short text',
    (source) => {
      const [pattern, naive] = [linearPattern(source), naiveExpression(source)];
      expect(pattern.expressions).not.toContainEqual(naive);
      let layer = [''];
      for (let length = 0; length < 8; length++) {
        for (const text of layer) expect(pattern.matches(text), text).toBe(naive.test(text));
        layer = layer.flatMap((text) => [`${text}a`, `${text}#`, `${text}😀`]);
      }
    },
  );
});

describe('patterns mean what they mean in Java', () => {
  const matches = (source: string, text: string) => linearPattern(source).matches(text);

  test('the whole text must match', () => {
    expect(matches('[\\w]+', 'a b')).toBe(false);
    expect(matches('^[0-9a-fA-F]+$', 'ab\n')).toBe(false);
  });
  test('\\s and \\S know ASCII spaces alone', () => {
    expect(matches('[\\S]+', '\u00a0\u3000')).toBe(true);
    expect(matches('[\\w\\s+=,.@-]+', 'a\u00a0b')).toBe(false);
    expect(matches('[\\w\\s+=,.@-]+', 'a\vb')).toBe(true);
  });
  test('. stops at U+0085 too, but not under (?s)', () => {
    expect(matches('.*\\{####\\}.*', 'a{####}b')).toBe(true);
    expect(matches('.*\\{####\\}.*', '\u0085{####}')).toBe(false);
    expect(matches('(?s).*', 'a\n\u0085b')).toBe(true);
  });
  test('a password may have spaces inside and none at its ends, and has two characters', () => {
    const password = '^[\\S]+.*[\\S]+$';
    for (const good of ['ab', 'a b', 'a  b', 'a😀']) expect(matches(password, good), good).toBe(true);
    for (const bad of ['', 'a', '😀', ' ab', 'ab ', 'a \n b'])
      expect(matches(password, bad), bad).toBe(false);
  });
  test('a construct with another meaning in JavaScript is refused', () => {
    for (const source of ['\\s+a', '[a\\S]+b', '[a&&[b]]+', '\\bx']) {
      expect(() => linearPattern(source), source).toThrow('No linear pattern knows');
    }
  });
});
