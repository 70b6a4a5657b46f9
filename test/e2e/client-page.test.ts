import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as client from '../../packages/client/src/index.ts';
import { executablePath, launchArguments } from '../support/chromium.ts';
import { type House, NEW_PASSWORD, openHouse } from '../support/house.ts';
import { servePage } from '../support/plain-page.ts';

/** A login page as somebody would write it by hand. */
const login = (app: client.App) => `<!doctype html>
<html lang="en">
<title>Forgotten password</title>
<form id="start"><label>Name <input name="username"></label><button>Send a code</button></form>
<form id="finish" hidden>
  <label>Code <input name="code"></label>
  <label>New password <input name="password" type="password"></label>
  <button>Set the password</button>
</form>
<p role="status"></p>
<script type="module">
  import * as client from '/client/index.ts';
  const { finishRecovery, getUser, signIn, startRecovery } = client;
  const app = ${JSON.stringify(app)};
  const status = document.querySelector('[role=status]');
  const [start, finish] = document.forms;
  let recovery;
  const on = (form, act) => {
    form.onsubmit = async (event) => {
      event.preventDefault();
      try {
        status.textContent = await act(Object.fromEntries(new FormData(form)));
      } catch (error) {
        status.textContent = error.name + ': ' + error.message;
      }
    };
  };
  on(start, async ({ username }) => {
    recovery = await startRecovery(app, username);
    finish.hidden = false;
    return 'Look at ' + recovery.destination;
  });
  on(finish, async ({ code, password }) => {
    await finishRecovery(app, recovery, { code, password });
    const step = await signIn(app, { username: recovery.username, password });
    const user = await getUser(app, { AccessToken: step.tokens.accessToken });
    return 'Signed in: ' + user.Username;
  });
  Object.assign(window, { client, app, ready: true });
</script>
</html>`;

/** What the page's own scripts have put into its window. */
declare const window: { client: typeof client; app: client.App; ready?: boolean };

describe.skipIf(executablePath === undefined)('the client on a plain page of another origin', () => {
  let browser: Browser;
  let house: House;
  let app: client.App;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath as string, args: launchArguments });
    house = await openHouse();
    const userPoolId = await house.createPool();
    const { ClientId: clientId } = await house.createClient(userPoolId);
    app = { endpoint: house.url, userPoolId, clientId };
    await house.createUser(userPoolId, 'alice');
    await house.createUser(userPoolId, 'bob');
  });
  afterAll(async () => {
    await browser?.close();
    await house?.[Symbol.asyncDispose]();
  });

  async function opened(over: Partial<client.App> = {}) {
    const site = await servePage(login({ ...app, ...over }));
    const page = await browser.newPage();
    await page.goto(site.url);
    await page.waitForFunction(() => window.ready);
    const close = async () => {
      await page.close();
      await site[Symbol.asyncDispose]();
    };
    return Object.assign(page, { [Symbol.asyncDispose]: close });
  }
  const says = (page: Page, text: string) => page.getByRole('status').getByText(text).waitFor();

  test('recovers an account, from the request to the sign-in by SRP', async () => {
    await using page = await opened();
    await page.getByLabel('Name').fill('alice');
    await page.getByRole('button', { name: 'Send a code' }).click();
    await says(page, 'Look at a***@e***');

    const code = await house.code('alice@example.com');
    await page.getByLabel('Code').fill(`${(Number(code[0]) + 1) % 10}${code.slice(1)}`);
    await page.getByLabel('New password').fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await says(page, 'CodeMismatchException: Invalid verification code provided, please try again.');

    await page.getByLabel('Code').fill(code);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await says(page, 'Signed in: alice');
  });

  test('tells a server that cannot be reached from one that refuses', async () => {
    await using page = await opened({ endpoint: 'http://127.0.0.1:9' });
    await page.getByLabel('Name').fill('alice');
    await page.getByRole('button', { name: 'Send a code' }).click();
    await says(page, 'NetworkError: http://127.0.0.1:9 could not be reached.');
  });

  test('logs requests, steps and answers to the console without what is sensitive', async () => {
    await using page = await opened();
    const previews: unknown[] = [];
    const devtools = await page.context().newCDPSession(page);
    devtools.on('Runtime.consoleAPICalled', ({ args }) => previews.push(args));
    await devtools.send('Runtime.enable');
    const secrets = await page.evaluate(async () => {
      const { initiateAuth, newInitiateAuth, InitiateAuthRequest, signIn } = window.client;
      const { app } = window;
      const credentials = { username: 'bob', password: 'Passw0rd!first' };
      const parameters = { USERNAME: credentials.username, PASSWORD: credentials.password };
      const request = InitiateAuthRequest.AuthParameters.set(parameters)(
        newInitiateAuth('USER_PASSWORD_AUTH', app.clientId),
      );
      const answer = await initiateAuth(app, request);
      const step = await signIn(app, credentials);
      console.log(request, answer, answer.AuthenticationResult, step);
      console.table(answer.AuthenticationResult);
      if (step.name !== 'SIGNED_IN') throw new Error(step.name);
      return [credentials.password, step.tokens.accessToken, answer.AuthenticationResult?.AccessToken ?? ''];
    });
    const shown = JSON.stringify(previews);
    expect(shown).toContain('AuthFlow');
    for (const secret of secrets) expect(shown).not.toContain(secret.slice(0, 60));
  });

  test('lets the page go on while SRP computes', async () => {
    await using page = await opened();
    const turns = await page.evaluate(async () => {
      // As slow as a telephone of ten years ago: whoever looks at the clock finds that ten milliseconds went by.
      const { now } = performance;
      let slow = 0;
      performance.now = () => {
        slow += 10;
        return now.call(performance) + slow;
      };
      let turns = 0;
      const ticking = setInterval(() => {
        turns += 1;
      });
      await window.client.signIn(window.app, { username: 'bob', password: 'Passw0rd!first' });
      clearInterval(ticking);
      return turns;
    });
    expect(turns).toBeGreaterThan(20);
  });

  test('tells of the browser what threat protection asks for', async () => {
    await using page = await opened();
    const context = await page.evaluate(() => window.client.browserContext('device-1'));
    expect(context).toEqual({
      UserAgent: expect.stringContaining('Chrome'),
      DeviceId: 'device-1',
      DeviceLanguage: expect.stringMatching(/^[a-z]{2}/),
      DeviceFingerprint: expect.stringContaining('Chrome'),
      DevicePlatform: expect.stringMatching(/./),
      ClientTimezone: expect.stringMatching(/^[+-]\d\d:\d\d$/),
    });
  });

  test('is aborted by the page', async () => {
    await using page = await opened();
    const reason = await page.evaluate(() => {
      const stop = new AbortController();
      const call = window.client.startRecovery(window.app, 'bob', { signal: stop.signal });
      stop.abort(new Error('The page was left.'));
      return call.then(
        () => 'It went on.',
        (error) => error.message,
      );
    });
    expect(reason).toBe('The page was left.');
  });
});
