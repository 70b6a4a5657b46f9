import { Agent, type RequestOptions, request } from 'node:http';
import { SignUpCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { srpClient } from '../support/srp-client.ts';
import { cannotTell, toldApart } from '../support/told-apart.ts';

// With PreventUserExistenceErrors, nobody can tell by the answer or by its time who exists. The calls about users and
// about nobody are mixed at random, so that whatever else the machine does falls on both alike.

const OF_EACH = 1000;
const names = (prefix: string) =>
  Array.from({ length: OF_EACH }, (_, index) => `${prefix}-${String(index).padStart(4, '0')}`);
const KNOWN = names('known');
const UNCONFIRMED = names('fresh');
const UNKNOWN = names('ghost');

let house: House;
let ClientId: string;
let SRP_A: string;
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  house = await openHouse();
  const poolId = await house.createPool({
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
  });
  await house.operator(`pools/${poolId}/settings`, {
    method: 'PUT',
    json: { recovery: { attemptsPerHour: 0 } },
  });
  ({ ClientId } = await house.createClient(poolId, {
    PreventUserExistenceErrors: 'ENABLED',
    ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_AUTH'],
  }));
  SRP_A = srpClient(poolId).SRP_A;
  await inParallel(KNOWN, 16, (name) => house.createUser(poolId, name));
  await inParallel(UNCONFIRMED, 16, (Username) =>
    house.sdk.send(
      new SignUpCommand({
        ClientId,
        Username,
        Password: PASSWORD,
        UserAttributes: [{ Name: 'email', Value: `${Username}@example.com` }],
      }),
    ),
  );
}, 300_000);
afterAll(async () => {
  agent.destroy();
  await house[Symbol.asyncDispose]();
});

async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

interface Answer {
  readonly ms: number;
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

function call(operation: string, input: object): Promise<Answer> {
  const body = JSON.stringify(input);
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    'content-length': Buffer.byteLength(body),
  };
  return answerTo(house.url, { method: 'POST', headers }, body);
}

async function follow(link: Record<string, string>): Promise<Answer> {
  const answer = await answerTo(`${house.url}/confirmUser?${new URLSearchParams(link)}`);
  return { ...answer, body: JSON.stringify(answer.body) };
}

function answerTo(url: string, options: RequestOptions = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const started = process.hrtime.bigint();
    const outgoing = request(url, { ...options, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => {
        const ms = Number(process.hrtime.bigint() - started) / 1e6;
        const { statusCode: status = 0, headers } = response;
        resolve({ ms, status, headers: Object.keys(headers).sort(), body: text });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** What is left of an answer without what is random in it. */
function shapeOf({ status, headers, body }: Answer): string {
  const answer = JSON.parse(body);
  return JSON.stringify({ status, headers, answer: status === 200 ? keysOf(answer) : answer });
}
const keysOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, keysOf(item)]))
    : Array.isArray(value)
      ? value
      : typeof value;

const measures = {
  time: ({ ms }: Answer) => ms,
  // Of numbers that are random, a leading zero is not written.
  size: ({ body }: Answer) => body.length,
};

interface Kind {
  /** Users other than the confirmed ones. */
  readonly of?: readonly string[];
  readonly call: (name: string) => Promise<Answer>;
  /** Two, where a call is a computation of many milliseconds on a thread of its own. */
  readonly atOnce?: number;
}

/** Calls about each name once, in an order that nobody can foresee. */
async function measured({ of: ofUsers = KNOWN, call: about, atOnce = 1 }: Kind) {
  const mixed = [
    ...ofUsers.map((name) => ({ name, isUser: true })),
    ...UNKNOWN.map((name) => ({ name, isUser: false })),
  ];
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other] as never, mixed[last] as never];
  }
  const answers: { isUser: boolean; answer: Answer }[] = [];
  await inParallel(mixed, atOnce, async ({ name, isUser }) =>
    answers.push({ isUser, answer: await about(name) }),
  );
  const of = (kind: boolean) => answers.filter(({ isUser }) => isUser === kind).map(({ answer }) => answer);
  return { users: of(true), nobody: of(false) };
}

const kinds: Record<string, Kind> = {
  ForgotPassword: { call: (Username) => call('ForgotPassword', { ClientId, Username }) },
  'ConfirmForgotPassword with a wrong code': {
    atOnce: 2,
    call: (Username) =>
      call('ConfirmForgotPassword', {
        ClientId,
        Username,
        ConfirmationCode: '12345',
        Password: NEW_PASSWORD,
      }),
  },
  ResendConfirmationCode: {
    of: UNCONFIRMED,
    call: (Username) => call('ResendConfirmationCode', { ClientId, Username }),
  },
  'ConfirmSignUp with a wrong code': {
    of: UNCONFIRMED,
    call: (Username) => call('ConfirmSignUp', { ClientId, Username, ConfirmationCode: '12345' }),
  },
  'a confirmation link with a wrong code': {
    of: UNCONFIRMED,
    call: (user_name) => follow({ client_id: ClientId, user_name, confirmation_code: '12345' }),
  },
  'InitiateAuth by SRP': {
    call: (USERNAME) =>
      call('InitiateAuth', { ClientId, AuthFlow: 'USER_SRP_AUTH', AuthParameters: { USERNAME, SRP_A } }),
  },
  'InitiateAuth with a wrong password': {
    atOnce: 2,
    call: (USERNAME) =>
      call('InitiateAuth', {
        ClientId,
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME, PASSWORD: NEW_PASSWORD },
      }),
  },
};

describe('nobody can tell who exists', () => {
  for (const [name, kind] of Object.entries(kinds)) {
    it(`by ${name}`, { timeout: 300_000 }, async () => {
      for (let index = 0; index < 100; index += 1) await kind.call(`warm-up-${index}`);
      const { users, nobody } = await measured(kind);
      const forms = (answers: readonly Answer[]) => [...new Set(answers.map(shapeOf))].sort();
      expect(forms(users)).toEqual(forms(nobody));
      for (const [what, of] of Object.entries(measures)) {
        const compared = toldApart(users.map(of), nobody.map(of));
        expect(cannotTell(compared), `${what}: ${JSON.stringify(compared)}`).toBe(true);
      }
    });
  }
});
