import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, call } from './calls.ts';
import type { House } from './house.ts';
import type { Ledger, Race, Session } from './ledger.ts';
import type { Acknowledged } from './load.ts';
import { PASSWORD } from './users.ts';

/** Checks that run at once; most of them cost a password hash. */
const AT_ONCE = 4;
const LIMIT = 5;
/** At the end of a scenario; each costs a password hash. */
const CODES_TRIED = 20;

export interface CheckOptions {
  /** How often the hour that attempts are counted in may have ended in this round. */
  readonly windows: number;
}

/** Whether the servers still say what they said before the fault. */
export async function checkCalls(
  house: House,
  ledger: Ledger,
  done: Acknowledged,
  { windows }: CheckOptions,
): Promise<void> {
  const ask = asker(house);
  const checks = [
    ...done.races.map((race) => () => checkRace(house, ledger, ask, race)),
    ...done.sessions.map((session) => () => checkSession(house, ledger, ask, session)),
    ...done.signUps.map((user) => () => checkSignUp(house, ledger, ask, user)),
  ];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let check = checks.pop(); check !== undefined; check = checks.pop()) await check();
    }),
  );
  for (const [user, count] of done.attempts) {
    if (count > LIMIT * windows)
      ledger.doubled(`${user}: ${count} attempts where ${LIMIT * windows} are allowed`);
  }
}

/** With the mails that some of those have who asked for a code, they can set a password. */
export async function checkCodes(house: House, ledger: Ledger, users: readonly string[]): Promise<void> {
  const ask = asker(house);
  const picked = new Set(Array.from({ length: CODES_TRIED }, () => users[randomInt(users.length)] as string));
  for (const user of picked) {
    const codes = house.mailbox.codesOf(user);
    let works = false;
    // The newest first, as a person would; with clocks that jump, who knows.
    for (const code of codes.toReversed()) {
      const input = {
        ClientId: house.clients.app,
        Username: user,
        ConfirmationCode: code,
        Password: PASSWORD,
      };
      works ||= (await ask('ConfirmForgotPassword', input)).status === 200;
    }
    if (!works) ledger.lost(`${user}: none of ${codes.length} codes that came works`);
  }
}

type Ask = (operation: string, input: object) => Promise<Answer>;

/** Of any node; tried again for a while, since nothing is at stake any more. */
function asker({ nodes }: House): Ask {
  return async (operation, input) => {
    for (let attempt = 1; ; attempt += 1) {
      const node = nodes[randomInt(nodes.length)];
      const answer = await call(node?.url as string, operation, input);
      if ((answer.status > 0 && answer.status < 500) || attempt === 20) return answer;
      await sleep(250);
    }
  };
}

async function signsIn({ clients }: House, ask: Ask, user: string, password: string): Promise<Answer> {
  return ask('InitiateAuth', {
    ClientId: clients.app,
    AuthFlow: 'USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME: user, PASSWORD: password },
  });
}

/** One password at most was acknowledged and that one signs in; the code is good for nothing any more. */
async function checkRace(house: House, ledger: Ledger, ask: Ask, { user, code, tries }: Race): Promise<void> {
  const set = tries.filter(({ answer }) => answer.status === 200);
  if (set.length > 1) ledger.doubled(`${user}: ${set.length} passwords were acknowledged for one code`);
  const [acknowledged] = set;
  if (acknowledged === undefined) {
    const inDoubt = tries.filter(({ answer }) => answer.status === 0 || answer.status >= 500);
    if (inDoubt.length === 0) ledger.lost(`${user}: nobody was let in with the right code`);
    const candidates = [PASSWORD, ...tries.map(({ password }) => password)];
    for (const password of candidates) {
      if ((await signsIn(house, ask, user, password)).status === 200) return;
    }
    ledger.lost(`${user}: neither the old password nor one that was sent signs in`);
    return;
  }
  const answer = await signsIn(house, ask, user, acknowledged.password);
  if (answer.status !== 200) {
    ledger.lost(`${user}: the acknowledged password does not sign in: ${answer.status} ${answer.error}`);
  }
  const input = { ClientId: house.clients.app, Username: user, ConfirmationCode: code, Password: PASSWORD };
  const again = await ask('ConfirmForgotPassword', input);
  if (again.status === 200) ledger.doubled(`${user}: the code worked a second time`);
  else if (again.status >= 500) ledger.wrong(`${user}: the used code was answered ${again.status}`);
}

async function checkSession(house: House, ledger: Ledger, ask: Ask, session: Session): Promise<void> {
  const { user, client, state, accessToken, refreshToken } = session;
  const input = { ClientId: house.clients[client], RefreshToken: refreshToken };
  const refreshed = await ask('GetTokensFromRefreshToken', input);
  const signedIn = await ask('GetUser', { AccessToken: accessToken });
  if (state === 'alive') {
    if (refreshed.status !== 200)
      ledger.lost(`${user}: the session is gone: ${refreshed.status} ${refreshed.error}`);
    if (signedIn.status !== 200) ledger.lost(`${user}: the access token is dead: ${signedIn.error}`);
    return;
  }
  for (const { status, error } of [refreshed, signedIn]) {
    if (error !== 'NotAuthorizedException')
      ledger.lost(`${user}: an ended session lives: ${status} ${error}`);
  }
}

/** The code in the mail confirms the sign-up, if the mail has come by now. */
async function checkSignUp(house: House, ledger: Ledger, ask: Ask, user: string): Promise<void> {
  const code = await house.mailbox.firstCode(user, 50);
  if (code === undefined) return;
  const input = { ClientId: house.clients.app, Username: user, ConfirmationCode: code };
  const { status, error } = await ask('ConfirmSignUp', input);
  if (status !== 200) ledger.lost(`${user}: the code does not confirm the sign-up: ${status} ${error}`);
}
