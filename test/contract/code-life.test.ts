import {
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type House, openHouse, PASSWORD } from '../support/house.ts';
import { newName, type RecoveryCalls, recoveryCalls, wrongCode } from '../support/recovery-calls.ts';

// The life of a reset code, against a model of it: whatever happens to a user in whatever order, each call answers what
// the rules say, and the password is the one that was set last.

const HOUR = 60;
const LIMIT = 5;

/** What the rules say of a user; minutes on a clock of its own. */
interface Model {
  now: number;
  enabled: boolean;
  email: string;
  password: string;
  /** The newest code, until it is used, dropped or an hour old. */
  code: { value: string; sentAt: number } | undefined;
  older: string[];
  attempts: number;
  windowEnds: number;
}

interface Real {
  readonly house: House;
  readonly calls: RecoveryCalls;
  readonly poolId: string;
  readonly name: string;
}

type Step = (model: Model, real: Real) => Promise<void>;

const SUCCESS = 'it succeeded';
const outcome = (call: Promise<unknown>) =>
  call.then(
    () => SUCCESS,
    (error: Error) => error.name,
  );

/** Counts an attempt to ask for or to enter a code. False beyond those of the hour. */
function attempt(model: Model): boolean {
  if (model.now >= model.windowEnds) {
    model.attempts = 0;
    model.windowEnds = model.now + HOUR;
  }
  model.attempts += 1;
  return model.attempts <= LIMIT;
}

let passwords = 0;
function newPassword(): string {
  passwords += 1;
  return `Passw0rd!${passwords}`;
}

const request: Step = async (model, { house, calls, name }) => {
  const answer = await outcome(calls.forgot(name));
  if (!model.enabled) return expect(answer).toBe('NotAuthorizedException');
  if (!attempt(model)) return expect(answer).toBe('LimitExceededException');
  expect(answer).toBe(SUCCESS);
  if (model.code !== undefined) model.older.push(model.code.value);
  model.code = { value: await house.code(model.email), sentAt: model.now };
};

const enter =
  (pick: (model: Model) => string | undefined): Step =>
  async (model, { calls, name }) => {
    const given = pick(model);
    if (given === undefined) return;
    const password = newPassword();
    const answer = await outcome(calls.confirm(name, given, password));
    if (!model.enabled) return expect(answer).toBe('NotAuthorizedException');
    if (!attempt(model)) return expect(answer).toBe('LimitExceededException');
    const { code } = model;
    if (code === undefined || model.now >= code.sentAt + HOUR)
      return expect(answer).toBe('ExpiredCodeException');
    if (given !== code.value) return expect(answer).toBe('CodeMismatchException');
    expect(answer).toBe(SUCCESS);
    model.password = password;
    model.older.push(code.value);
    model.code = undefined;
  };

const steps: Record<string, Step> = {
  request,
  'enter the newest code': enter((model) => model.code?.value),
  'enter a wrong code': enter((model) => wrongCode(model.code?.value ?? '')),
  'enter an older code': enter((model) => model.older.find((code) => code !== model.code?.value)),

  async 'let twenty minutes pass'(model, { house }) {
    await house.advance('PT20M');
    model.now += 20;
  },
  async 'let an hour pass'(model, { house }) {
    await house.advance('PT61M');
    model.now += 61;
  },
  async 'an administrator sets the password'(model, { house, poolId, name }) {
    const Password = newPassword();
    const input = { UserPoolId: poolId, Username: name, Password, Permanent: true };
    await house.sdk.send(new AdminSetUserPasswordCommand(input));
    model.password = Password;
    model.code = undefined;
  },
  async 'the address changes'(model, { house, poolId, name }) {
    const email = `${name}-${model.email.length}@example.com`;
    const UserAttributes = [
      { Name: 'email', Value: email },
      { Name: 'email_verified', Value: 'true' },
    ];
    await house.sdk.send(
      new AdminUpdateUserAttributesCommand({ UserPoolId: poolId, Username: name, UserAttributes }),
    );
    if (email !== model.email) model.code = undefined;
    model.email = email;
  },
  async 'the user is disabled, or enabled again'(model, { house, poolId, name }) {
    const user = { UserPoolId: poolId, Username: name };
    if (model.enabled) await house.sdk.send(new AdminDisableUserCommand(user));
    else await house.sdk.send(new AdminEnableUserCommand(user));
    model.enabled = !model.enabled;
  },
};

let house: House;
let poolId: string;
let calls: RecoveryCalls;
beforeAll(async () => {
  house = await openHouse();
  poolId = await house.createPool();
  calls = recoveryCalls(house, await house.createClient(poolId));
});
afterAll(() => house[Symbol.asyncDispose]());

/** The steps that make a life are more often than those that end it. */
const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('request', 'enter the newest code', 'enter a wrong code') },
  { weight: 1, arbitrary: fc.constantFrom(...Object.keys(steps)) },
);

it('a code lives as the rules say, whatever else happens', { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 4, maxLength: 14 }), async (life) => {
      const name = newName('life');
      await house.createUser(poolId, name);
      const model: Model = {
        now: 0,
        enabled: true,
        email: `${name}@example.com`,
        password: PASSWORD,
        code: undefined,
        older: [],
        attempts: 0,
        windowEnds: 0,
      };
      for (const step of life) await (steps[step] as Step)(model, { house, calls, poolId, name });
      if (!model.enabled)
        await (steps['the user is disabled, or enabled again'] as Step)(model, {
          house,
          calls,
          poolId,
          name,
        });
      expect(await outcome(calls.signIn(name, model.password))).toBe(SUCCESS);
    }),
    { numRuns: 60 },
  );
});
