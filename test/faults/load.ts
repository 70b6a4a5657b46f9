import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, call } from './calls.ts';
import type { House } from './house.ts';
import type { Ledger, Race, Requests, Session } from './ledger.ts';
import { PASSWORD, userName, usersOf } from './users.ts';

/** Whoever asks for codes does so on so many connections; the others cost a password hash at each step. */
const FORGETFUL = 20;
const RACERS = 2;
/** Passwords that are sent at once for one code. */
const RIVALS = 3;
const MAIL_PATIENCE = 3000;
const WRONG_CODE = '000000';

export interface LoadOptions {
  readonly house: House;
  readonly ledger: Ledger;
  readonly round: number;
  /** Where the requests go, one at random each time. */
  readonly targets: readonly string[];
}

/** What was acknowledged in a round. */
export interface Acknowledged {
  readonly round: number;
  readonly forgot: ReadonlyMap<string, Requests>;
  readonly races: readonly Race[];
  readonly signUps: readonly string[];
  readonly sessions: readonly Session[];
  /** By user: the attempts that were answered as such, of those that a limit allows. */
  readonly attempts: ReadonlyMap<string, number>;
}

/** People who lose their password, sign up, sign in and out, and guess at codes, until the load is stopped. */
export function startLoad({ house, ledger, round, targets }: LoadOptions) {
  const { clients, mailbox } = house;
  const forgot = new Map<string, Requests>();
  const races: Race[] = [];
  const signUps: string[] = [];
  const sessions: Session[] = [];
  const attempts = new Map<string, number>();
  let stopped = false;

  async function request(operation: string, user: string, input: object, ...expected: readonly string[]) {
    const answer = await call(targets[randomInt(targets.length)] as string, operation, input);
    ledger.answer(operation, user, answer, ...expected);
    // A node that is down refuses in no time.
    if (answer.status === 0) await sleep(50);
    return answer;
  }

  async function ask(user: string): Promise<boolean> {
    const requests = forgot.get(user) ?? { sent: 0, acknowledged: 0 };
    forgot.set(user, requests);
    requests.sent += 1;
    const { status } = await request('ForgotPassword', user, { ClientId: clients.app, Username: user });
    if (status === 200) requests.acknowledged += 1;
    return status === 200;
  }

  async function forget(names: readonly string[], first: number): Promise<void> {
    for (let index = first; !stopped; index += FORGETFUL) {
      await ask(names[index % names.length] as string);
      await sleep(randomInt(20, 130));
    }
  }

  /** Asks for a code and, with the mail, sends it in several times at once, each time with another password. */
  async function race(names: readonly string[]): Promise<void> {
    for (const user of names) {
      if (stopped) return;
      if (!(await ask(user))) continue;
      const code = await mailbox.firstCode(user, MAIL_PATIENCE);
      if (code === undefined) continue;
      const tries = Array.from({ length: RIVALS }, async (_, index) => {
        const password = `Passw0rd!${user}-${index}`;
        const input = { ClientId: clients.app, Username: user, ConfirmationCode: code, Password: password };
        const answer = await request('ConfirmForgotPassword', user, input, 'ExpiredCodeException');
        return { password, answer };
      });
      races.push({ user, code, tries: await Promise.all(tries) });
      await sleep(randomInt(100, 200));
    }
  }

  async function signUp(): Promise<void> {
    for (let index = 0; !stopped; index += 1) {
      const user = userName(round, 'new', index);
      const { status } = await request('SignUp', user, {
        ClientId: clients.app,
        Username: user,
        Password: PASSWORD,
        UserAttributes: [{ Name: 'email', Value: `${user}@example.com` }],
      });
      if (status === 200) signUps.push(user);
      await sleep(randomInt(100, 250));
    }
  }

  async function signInAndOut(names: readonly string[]): Promise<void> {
    for (const [index, user] of names.entries()) {
      if (stopped) return;
      const client = index % 2 === 0 ? 'app' : 'rotating';
      const answer = await request('InitiateAuth', user, {
        ClientId: clients[client],
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: user, PASSWORD },
      });
      const opened = sessionOf(user, client, answer);
      if (opened !== undefined) {
        const later = await (client === 'rotating' ? refresh(opened) : end(opened, index % 6));
        if (later !== undefined) sessions.push(later);
      }
      await sleep(randomInt(50, 150));
    }
  }

  /** The session with the refresh token that was acknowledged last. */
  async function refresh(session: Session): Promise<Session> {
    for (let last = session, times = 0; ; times += 1) {
      if (stopped || times === 4) return last;
      const input = { ClientId: clients.rotating, RefreshToken: last.refreshToken };
      const answer = await request('GetTokensFromRefreshToken', session.user, input);
      last = sessionOf(session.user, 'rotating', answer) ?? last;
      await sleep(randomInt(20, 100));
    }
  }

  /** A session that stays, or one whose end was acknowledged; undefined when it may be either. */
  async function end(session: Session, how: number): Promise<Session | undefined> {
    if (how === 0) return session;
    const answer =
      how === 2
        ? await request('RevokeToken', session.user, { ClientId: clients.app, Token: session.refreshToken })
        : await request('GlobalSignOut', session.user, { AccessToken: session.accessToken });
    return answer.status === 200 ? { ...session, state: 'ended' } : undefined;
  }

  /** Asks for a code, and enters wrong ones for as long as the load lasts. */
  async function guess(names: readonly string[]): Promise<void> {
    for (let turn = 0; !stopped; turn += 1) {
      const user = names[turn % names.length] as string;
      if (turn < names.length) await attempt('ForgotPassword', user, {});
      else await attempt('ConfirmForgotPassword', user, { ConfirmationCode: WRONG_CODE, Password: PASSWORD });
      await sleep(randomInt(20, 120));
    }
  }

  async function attempt(operation: string, user: string, more: object): Promise<void> {
    const input = { ClientId: clients.limited, Username: user, ...more };
    const counted = ['CodeMismatchException', 'ExpiredCodeException'];
    const answer = await request(operation, user, input, 'LimitExceededException', ...counted);
    if (answer.status === 200 || counted.includes(answer.error)) {
      attempts.set(user, (attempts.get(user) ?? 0) + 1);
    }
  }

  const forgetful = usersOf(round, 'forgot');
  const racing = usersOf(round, 'race');
  const working = [
    ...Array.from({ length: FORGETFUL }, (_, index) => forget(forgetful, index)),
    ...Array.from({ length: RACERS }, (_, index) => race(racing.filter((_, at) => at % RACERS === index))),
    signUp(),
    signInAndOut(usersOf(round, 'session')),
    guess(usersOf(round, 'guess')),
  ];
  return {
    async stop(): Promise<Acknowledged> {
      stopped = true;
      await Promise.all(working);
      // As everybody who was refused before would: at once, and everywhere.
      await Promise.all(
        usersOf(round, 'guess').flatMap((user) =>
          Array.from({ length: 6 }, () =>
            attempt('ConfirmForgotPassword', user, { ConfirmationCode: WRONG_CODE, Password: PASSWORD }),
          ),
        ),
      );
      return { round, forgot, races, signUps, sessions, attempts };
    },
  };
}

function sessionOf(user: string, client: Session['client'], { status, json }: Answer): Session | undefined {
  if (status !== 200) return undefined;
  const tokens = json['AuthenticationResult'] as { AccessToken: string; RefreshToken: string };
  return { user, client, accessToken: tokens.AccessToken, refreshToken: tokens.RefreshToken, state: 'alive' };
}
