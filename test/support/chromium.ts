import { existsSync } from 'node:fs';

/** Of the browser on this machine; undefined where there is none. */
export const executablePath = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
].find((path) => path !== undefined && existsSync(path));

if (executablePath === undefined) {
  const reason = 'No Chromium or Chrome was found. Install one, or name it in CHROMIUM_PATH.';
  // Where everything is meant to be there, a test that does not run is a failure.
  if (process.env['CI'] === 'true') throw new Error(reason);
  console.warn(`The tests in a browser are skipped. ${reason}`);
}

export const launchArguments = [
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Chromium's own sandbox does not start as root, as in most containers.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];
