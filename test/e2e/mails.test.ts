import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { SignUpCommand } from '@aws-sdk/client-cognito-identity-provider';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultTexts } from '../../packages/server/src/domain/delivery/default-texts.ts';
import { fillTemplate } from '../../packages/server/src/domain/delivery/fill-template.ts';
import { mailDocument } from '../../packages/server/src/domain/delivery/mail-document.ts';
import type { MessageKind } from '../../packages/server/src/domain/delivery/templates.ts';
import { executablePath, launchArguments } from '../support/chromium.ts';
import { type House, openHouse } from '../support/house.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LINK =
  'https://auth.example.com/confirmUser?client_id=4abcdefghijklmnopqrstuvwxy&user_name=ann%40example.com&confirmation_code=123456';

const PHONE = { width: 320, height: 568 };
const DESK = { width: 1280, height: 800 };

const mailOf = (kind: MessageKind, lang: keyof typeof defaultTexts = 'en', username = 'ann@example.com') => {
  const { subject, body } = defaultTexts[lang][kind];
  const code = kind === 'invitation' ? 'aB3$<&>"xY9!' : '123456';
  const link = kind === 'confirmation-link' ? LINK : undefined;
  return mailDocument({
    subject,
    body: fillTemplate(body, 'EMAIL', { code, username, link }),
    code,
    lang,
  });
};
const own = (body: string, lang = 'en') => mailDocument({ subject: 'Welcome', body, code: '123456', lang });

const mails: Record<string, string> = {
  ...Object.fromEntries(
    (Object.keys(defaultTexts.en) as MessageKind[]).map((kind) => [`the default ${kind}`, mailOf(kind)]),
  ),
  'a default in Japanese': mailOf('confirmation-link', 'ja'),
  'a long and hostile name': mailOf('invitation', 'en', `<b>${'x'.repeat(100)}</b>'"&{####}אב`),
  'a fragment without looks': own(
    `<h1>Welcome</h1><p>Use <b>123456</b> or <a href="${LINK}">this link</a>.</p><ul><li>Soon</li></ul>`,
  ),
  'a fragment with colours of its own': own(
    '<table role="presentation" width="100%"><tr><td style="background:#fff;color:#222;padding:8px">Your code is 123456</td></tr></table>',
  ),
  'a fragment from right to left': own('<p>رمز التحقق الخاص بك هو 123456</p>', 'ar'),
};

describe.skipIf(executablePath === undefined)('in a browser', () => {
  let browser: Browser;
  let house: House;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath as string, args: launchArguments });
    house = await openHouse();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.[Symbol.asyncDispose]();
  });

  /** A page, and what it asked the network for beside itself. */
  async function opened(options: BrowserContextOptions) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const requested: string[] = [];
    page.on('request', (request) => requested.push(request.url()));
    return Object.assign(page, { requested, [Symbol.asyncDispose]: () => context.close() });
  }

  const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

  /** What axe-core finds by these rules (all of them where none are named). */
  async function faults(page: Page, rules?: readonly string[]): Promise<string[]> {
    await page.evaluate(axe);
    const results = await page.evaluate(
      (only) =>
        (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({
          // A mail of one sentence has its subject for a heading.
          rules: { 'page-has-heading-one': { enabled: false } },
          ...(only && { runOnly: only }),
        }),
      rules,
    );
    expect(results.passes.map(({ id }) => id)).toContain('color-contrast');
    return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }

  /** Whether the page is light words on a dark ground. */
  const isDark = async (page: Page) => {
    const [ground, words] = await page.evaluate(() => {
      const { backgroundColor, color } = getComputedStyle(document.body);
      return [backgroundColor, color].map((text) => Number(/\d+/.exec(text)?.[0]));
    });
    return (ground as number) < 64 && (words as number) > 192;
  };

  it.each(['light', 'dark'] as const)(
    'mails are readable for everybody on a %s screen',
    async (colorScheme) => {
      await using page = await opened({ colorScheme });
      for (const [name, html] of Object.entries(mails)) {
        await page.setViewportSize(PHONE);
        await page.setContent(html);
        // What colours have no part in is the same on both.
        const rules = colorScheme === 'dark' ? ['color-contrast'] : undefined;
        expect([name, await faults(page, rules)]).toEqual([name, []]);
        expect([name, await overflow(page)]).toEqual([name, 0]);
        await page.setViewportSize(DESK);
        expect([name, await overflow(page)]).toEqual([name, 0]);
        const dark = colorScheme === 'dark' && !name.includes('colours');
        expect([name, await isDark(page)]).toEqual([name, dark]);
        expect(await page.locator('main').count()).toBe(1);
      }
      expect(page.requested).toEqual([]);
    },
  );

  it.each([
    ['light', 'en'],
    ['dark', 'ja'],
  ] as const)('the page of a link is readable for everybody on a %s screen', async (colorScheme, locale) => {
    await using page = await opened({ colorScheme, viewport: PHONE, locale });
    const response = await page.goto(
      `${house.url}/confirmUser?client_id=x&user_name=%3Cb%3Eann&confirmation_code=1`,
    );
    expect(response?.status()).toBe(400);
    expect(await faults(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    await page.setViewportSize(DESK);
    expect(await overflow(page)).toBe(0);
    expect(await isDark(page)).toBe(colorScheme === 'dark');
    expect(await page.locator('html').getAttribute('lang')).toBe(locale);
    expect(await page.locator('h1').count()).toBe(1);
    expect(await page.locator('body').textContent()).not.toMatch(/ann|<b>/);
    expect(page.requested).toHaveLength(1);
  });

  it('a link in the inbox confirms, and its page tells so to everybody', async () => {
    const poolId = await house.createPool({
      Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
      VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_LINK' },
    });
    const { ClientId } = await house.createClient(poolId, { ExplicitAuthFlows: ['ALLOW_USER_AUTH'] });
    const UserAttributes = [{ Name: 'email', Value: 'ann@example.com' }];
    await house.sdk.send(new SignUpCommand({ ClientId, Username: "ann&o'neil", UserAttributes }));
    await using page = await opened({ viewport: DESK });
    await page.goto(house.url);
    const opening = page.context().waitForEvent('page');
    await page.getByRole('link', { name: 'Open the confirmation link' }).click();
    const confirmed = await opening;
    await confirmed.getByRole('heading', { name: 'Your registration has been confirmed!' }).waitFor();
    expect(await faults(confirmed)).toEqual([]);
    expect(await confirmed.evaluate(() => document.referrer)).toBe('');
  });

  it('a name makes no element, whatever it is made of', async () => {
    const parts = [
      '<',
      '>',
      '"',
      "'",
      '&',
      '&lt;',
      '</p>',
      '</main>',
      '<script>',
      '<!--',
      '-->',
      ']]>',
      '{##x##}',
      '<b',
      '\u0000',
      '`',
      '=',
      '/',
      'a',
    ];
    const names = parts.flatMap((one) => parts.map((other) => `${one}${other}<img src=x onerror=1>`));
    await using page = await opened({});
    const elements = await page.evaluate(
      (documents) => [
        ...new Set(
          documents.map((text) =>
            [...new DOMParser().parseFromString(text, 'text/html').querySelectorAll('body, body *')]
              .map(({ localName }) => localName)
              .join(' '),
          ),
        ),
      ],
      names.map((name) => mailOf('invitation', 'en', name)),
    );
    expect(elements).toEqual(['body main p strong']);
  });
});
