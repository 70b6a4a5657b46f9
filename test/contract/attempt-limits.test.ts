import {
  ChangePasswordCommand,
  ConfirmSignUpCommand,
  GetUserAttributeVerificationCodeCommand,
  ResendConfirmationCodeCommand,
  SignUpCommand,
  VerifyUserAttributeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type House, NEW_PASSWORD, openHouse, PASSWORD } from '../support/house.ts';
import { newName } from '../support/recovery-calls.ts';
import { signIn } from '../support/sign-in.ts';

const LIMITED = 'LimitExceededException: Attempt limit exceeded, please try after some time.';

let house: House;
let pool: string;
let client: { ClientId: string };
let name: string;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const set = (json: object) => house.operator(`pools/${pool}/settings`, { method: 'PUT', json });
const email = () => [{ Name: 'email', Value: `${name}@example.com` }];
const signUp = () =>
  house.sdk.send(
    new SignUpCommand({ ...client, Username: name, Password: PASSWORD, UserAttributes: email() }),
  );

const times = async (count: number, call: () => Promise<unknown>) => {
  const answers: string[] = [];
  for (let index = 0; index < count; index += 1) {
    answers.push(
      await call().then(
        () => 'ok',
        (error: Error) => `${error.name}: ${error.message}`,
      ),
    );
  }
  return answers.indexOf(LIMITED);
};
const token = async () => {
  await house.createUser(pool, name, email());
  return (await signIn(house, client.ClientId, name)).AccessToken;
};
const AttributeName = 'email';

const rows: [string, number, () => Promise<() => Promise<unknown>>][] = [
  [
    'resendConfirmationCode',
    5,
    async () => {
      await signUp();
      return () => house.sdk.send(new ResendConfirmationCodeCommand({ ...client, Username: name }));
    },
  ],
  [
    'confirmSignUp',
    15,
    async () => {
      await signUp();
      const ConfirmationCode = '12345';
      return () => house.sdk.send(new ConfirmSignUpCommand({ ...client, Username: name, ConfirmationCode }));
    },
  ],
  [
    'changePassword',
    5,
    async () => {
      const AccessToken = await token();
      const wrong = { PreviousPassword: 'Wr0ng!word', ProposedPassword: NEW_PASSWORD };
      return () => house.sdk.send(new ChangePasswordCommand({ AccessToken, ...wrong }));
    },
  ],
  [
    'getUserAttributeVerificationCode',
    5,
    async () => {
      const AccessToken = await token();
      return () =>
        house.sdk.send(new GetUserAttributeVerificationCodeCommand({ AccessToken, AttributeName }));
    },
  ],
  [
    'verifyUserAttribute',
    15,
    async () => {
      const AccessToken = await token();
      const verify = { AccessToken, AttributeName, Code: '12345' };
      return () => house.sdk.send(new VerifyUserAttributeCommand(verify));
    },
  ],
];

it.each(rows)('limits.%s is %s [D], or what it is set to, or none', async (limit, usual, prepare) => {
  pool = await house.createPool();
  client = await house.createClient(pool);
  name = newName();
  expect(await times(usual + 1, await prepare())).toBe(usual);
  for (const [set_, expected] of [
    [2, 2],
    [0, -1],
  ] as const) {
    name = newName();
    await set({ limits: { [limit]: set_ } });
    expect(await times(usual + 3, await prepare())).toBe(expected);
  }
});
