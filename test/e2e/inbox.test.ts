import {
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { executablePath, launchArguments } from '../support/chromium.ts';
import { type House, NEW_PASSWORD, openHouse } from '../support/house.ts';
import { recoveryCalls } from '../support/recovery-calls.ts';

describe.skipIf(executablePath === undefined)('the inbox in a browser', () => {
  let browser: Browser;
  let house: House;
  let poolId: string;
  let calls: ReturnType<typeof recoveryCalls>;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath as string, args: launchArguments });
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    house = await openHouse();
    poolId = await house.createPool();
    calls = recoveryCalls(house, await house.createClient(poolId));
    return () => house[Symbol.asyncDispose]();
  });

  async function opened(path = '/', options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ baseURL: house.url, ...options });
    const page = await context.newPage();
    await page.goto(path);
    return Object.assign(page, { [Symbol.asyncDispose]: () => context.close() });
  }
  const entries = (page: Page) => page.locator('#messages > li');
  const pane = (page: Page) => page.getByRole('region', { name: 'Message', exact: true });
  /** Survives what the page does by itself, and not a reload. */
  const mark = (page: Page) => page.evaluate(() => Object.assign(window, { marked: true }));
  const marked = (page: Page) => page.evaluate(() => 'marked' in window);

  async function forgotten(name: string) {
    await house.createUser(poolId, name);
    await calls.forgot(name);
  }

  it('is empty first, and shows a code that works as soon as it is sent, without a reload', async () => {
    await using page = await opened();
    expect(await pane(page).getByRole('heading').textContent()).toBe('No messages yet');
    expect(await page.getByText('create-user-pool-client').textContent()).toContain(`=${house.url} `);
    await mark(page);

    await forgotten('alice');
    await entries(page).getByText('alice@example.com').waitFor();
    const code = (await entries(page).locator('.code code').textContent()) as string;
    expect(await pane(page).locator('.code code').textContent()).toBe(code);
    const mail = page.frameLocator('iframe[title="Mail to alice@example.com"]');
    expect(await mail.locator('body').textContent()).toBe(`Your password reset code is ${code}`);
    expect(await page.getByRole('status').textContent()).toBe('New: alice@example.com');
    expect(await page.title()).toBe('(1) Inbox · Poolkeeper');
    expect(await marked(page)).toBe(true);

    await calls.confirm('alice', code);
    await calls.signIn('alice', NEW_PASSWORD);
  });

  it('tells how to cause a first message, and that is how', async () => {
    await using page = await opened();
    expect(await page.locator('pre').textContent()).toMatch(/create-user-pool .+-client .+ sign-up /s);
    const { UserPool } = await house.sdk.send(
      new CreateUserPoolCommand({ PoolName: 'demo', AutoVerifiedAttributes: ['email'] }),
    );
    const { UserPoolClient } = await house.sdk.send(
      new CreateUserPoolClientCommand({ UserPoolId: UserPool?.Id, ClientName: 'demo' }),
    );
    await house.sdk.send(
      new SignUpCommand({
        ClientId: UserPoolClient?.ClientId,
        Username: 'alice',
        Password: 'Passw0rd!',
        UserAttributes: [{ Name: 'email', Value: 'alice@example.com' }],
      }),
    );
    await entries(page).getByText('alice@example.com').waitFor();
  });

  it('puts new messages above, and leaves where the reader is', async () => {
    await forgotten('alice');
    await using page = await opened();
    await entries(page).getByRole('link').focus();
    await forgotten('bob');
    await entries(page).nth(1).waitFor();
    expect(await entries(page).locator('.to').allTextContents()).toEqual([
      'bob@example.com',
      'alice@example.com',
    ]);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('alice@example.com');
  });

  it('shows the message that was chosen, by keyboard too, and keeps to it', async () => {
    for (const name of ['alice', 'bob']) await forgotten(name);
    await using page = await opened();
    await page.getByLabel('Address').focus();
    // Show, delete all, and then each entry with its button.
    for (let tab = 0; tab < 5; tab += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\?id=/);
    const facts = async () => (await pane(page).locator('dl').textContent()) as string;
    expect(await facts()).toContain('alice@example.com');
    expect(await entries(page).locator('[aria-current]').textContent()).toContain('alice@example.com');

    await mark(page);
    await forgotten('carol');
    await entries(page).nth(2).waitFor();
    expect(await facts()).toContain('alice@example.com');
    expect(await marked(page)).toBe(true);
  });

  it('shows the messages to one address', async () => {
    for (const name of ['alice', 'bob']) await forgotten(name);
    await using page = await opened();
    await page.getByLabel('Address').fill('alice@example.com');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\?to=alice/);
    expect(await entries(page).locator('.to').allTextContents()).toEqual(['alice@example.com']);
    await forgotten('carol');
    await calls.forgot('alice');
    await entries(page).nth(1).waitFor();
    expect(await entries(page).locator('.to').allTextContents()).toEqual([
      'alice@example.com',
      'alice@example.com',
    ]);
    await page.goto('/?to=nobody@example.com');
    expect(await pane(page).getByRole('heading').textContent()).toBe('No messages to nobody@example.com');
  });

  it('copies a code', async () => {
    await forgotten('alice');
    await using page = await opened('/', { permissions: ['clipboard-read', 'clipboard-write'] });
    const code = (await entries(page).locator('code').textContent()) as string;
    await entries(page)
      .getByRole('button', { name: `Copy ${code}` })
      .click();
    await entries(page).getByText('Copied').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code);
  });

  it('is emptied by its button', async () => {
    await forgotten('alice');
    await using page = await opened();
    page.on('dialog', (dialog) => dialog.accept());
    await page.getByRole('button', { name: 'Delete all' }).click();
    await page.getByText('No messages yet').waitFor();
    expect(await house.messages('alice@example.com', 0)).toEqual([]);
  });

  it('tells that the server is gone, and goes on when it is back', async () => {
    await using page = await opened();
    await page.getByText('Live').waitFor();
    await page.route('**/*waitMs*', (route) => route.abort());
    await forgotten('alice');
    await entries(page).waitFor();
    await page.getByText('Server not reachable').waitFor();
    await page.unroute('**/*waitMs*');
    await calls.forgot('alice');
    await entries(page).nth(1).waitFor();
  });

  it('works without JavaScript', async () => {
    await forgotten('alice');
    await using page = await opened('/', { javaScriptEnabled: false });
    const code = await house.code('alice@example.com');
    expect(await entries(page).locator('code').textContent()).toBe(code);
    await entries(page).getByRole('link').click();
    expect(await pane(page).locator('dl').textContent()).toContain('alice@example.com');
    await calls.forgot('alice');
    await page.getByRole('link', { name: 'Reload' }).click();
    expect(await entries(page).count()).toBe(2);
    expect(await page.getByRole('button', { name: /Copy|Delete/ }).count()).toBe(0);
  });

  it('shows one thing at a time on a phone, none of it wider than the screen', async () => {
    await forgotten('alice');
    await using page = await opened('/', { viewport: { width: 360, height: 740 } });
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await pane(page).isVisible()).toBe(false);
    expect(await overflow()).toBe(0);
    await entries(page).getByRole('link').click();
    await pane(page).waitFor();
    expect(await entries(page).isVisible()).toBe(false);
    expect(await overflow()).toBe(0);
    await page.getByRole('link', { name: 'All messages' }).click();
    await entries(page).waitFor();
  });

  it('runs nothing of what a template, a name or an address holds', async () => {
    const attack = (name: string) =>
      `<script>top.hacked='${name}';fetch('/stolen')</script><img src=x onerror="top.hacked='${name}';alert(1)">` +
      `<svg onload="parent.hacked='${name}'"></svg><form action="/stolen"><button autofocus>Go</button></form>` +
      `</textarea></title></style></iframe>"'><meta http-equiv="refresh" content="0;url=/stolen"><base href="/stolen/">`;
    const hostile = await house.createPool({
      AutoVerifiedAttributes: ['email', 'phone_number'],
      EmailVerificationMessage: `Hello {####} ${attack('body')}`,
      EmailVerificationSubject: `Code ${attack('subject')}`.slice(0, 140),
      SmsVerificationMessage: `<img src=x onerror="top.hacked='sms'"> {####}`,
    });
    const hostileCalls = recoveryCalls(house, await house.createClient(hostile));
    const byMail = `<img/src=x/onerror="top.hacked='username'">`;
    const bySms = `"><svg/onload="top.hacked='username'">`;
    await house.createUser(hostile, byMail, [
      { Name: 'email', Value: `'onerror='top.hacked=1'<b>@example.com` },
      { Name: 'email_verified', Value: 'true' },
    ]);
    await house.createUser(hostile, bySms, [
      { Name: 'phone_number', Value: '+15550100' },
      { Name: 'phone_number_verified', Value: 'true' },
    ]);

    await using page = await opened();
    // Only what was answered counts: the browser also tells of requests that the policy kept it from making.
    const requested: string[] = [];
    page.on('response', (response) => requested.push(new URL(response.url()).pathname));
    page.on('dialog', (dialog) => {
      requested.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    // Both ways into the page: taken over by the script, and rendered by the server.
    for (const name of [byMail, bySms]) {
      await hostileCalls.forgot(name);
      await pane(page).getByText(name, { exact: true }).waitFor();
    }
    for (const { id } of ((await house.operator('messages')) as { messages: { id: string }[] }).messages) {
      await page.goto(`/?id=${id}`);
      await pane(page).locator('dl').waitFor();
      if (await page.locator('iframe').isVisible()) {
        await page.frameLocator('iframe').getByText('Hello').waitFor();
      }
    }
    await page.waitForTimeout(300);

    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(new Set(requested)).toEqual(new Set(['/']));
    expect(await page.locator('main :is(script, img, svg, b, base, meta)').count()).toBe(0);
    expect(new URL(page.url()).pathname).toBe('/');
  });

  it('forbids scripts by two locks: the sandbox of the mail, and the policy of the page', async () => {
    await forgotten('alice');
    const response = await fetch(house.url);
    const policy = response.headers.get('content-security-policy') as string;
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^';]+'; /);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toContain('<iframe class="mail" sandbox=""');

    // The policy holds alone, too: also for who could write into the page.
    await using page = await opened();
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.hacked = true';
      document.body.append(script);
      document.body.insertAdjacentHTML('beforeend', '<button onclick="window.hacked = true"></button>');
      (document.body.lastElementChild as HTMLElement).click();
      return 'hacked' in window;
    });
    expect(ran).toBe(false);
  });
});
