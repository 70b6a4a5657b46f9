import {
  AdminInitiateAuthCommand,
  AdminRespondToAuthChallengeCommand,
  AdminSetUserMFAPreferenceCommand,
  AdminUpdateUserAttributesCommand,
  AssociateSoftwareTokenCommand,
  type CreateUserPoolClientCommandInput,
  type CreateUserPoolCommandInput,
  InitiateAuthCommand,
  type RecoveryOptionNameType,
  RespondToAuthChallengeCommand,
  type RespondToAuthChallengeCommandOutput,
  VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { attributeList } from './attributes.ts';
import { type House, PASSWORD } from './house.ts';
import {
  type Authenticator,
  authenticator,
  createMfaPool,
  type SecondFactor as Factor,
  setPoolFactors,
} from './mfa.ts';
import { srpClient } from './srp-client.ts';

export type { Authenticator, Factor };

/** What a sign-in met: a challenge, or tokens. */
export type Met = Pick<
  RespondToAuthChallengeCommandOutput,
  'ChallengeName' | 'ChallengeParameters' | 'Session' | 'AuthenticationResult'
>;
type Client = { ClientId: string; ClientSecret?: string };
type Responses = Record<string, string>;
type Mode = 'ON' | 'OPTIONAL';
/** Who sets an app up: a session of MFA_SETUP, or an access token. */
type SetUpBy = { Session: string | undefined } | { AccessToken: string | undefined };

/** A new pool with second factors, an app client of it, and every step of a sign-in there. */
export async function openMfaPool(
  house: House,
  mode: Mode,
  factors: readonly Factor[],
  input: Partial<CreateUserPoolCommandInput> = {},
  client: Partial<CreateUserPoolClientCommandInput> = {},
) {
  const id = await createMfaPool(house, mode, factors, input);
  return mfaPoolOf(house, id, await house.createClient(id, client));
}

/** An AccountRecoverySetting, first choice first. */
export const recovery = (...names: RecoveryOptionNameType[]): Partial<CreateUserPoolCommandInput> => ({
  AccountRecoverySetting: {
    RecoveryMechanisms: names.map((Name, index) => ({ Name, Priority: index + 1 })),
  },
});

/** The same for a pool that is there. */
export function mfaPoolOf(house: House, id: string, client: Client) {
  const { sdk } = house;
  const { ClientId } = client;

  const pool = {
    house,
    id,
    client,
    at: (node: House) => mfaPoolOf(node, id, client),
    by: (other: Client) => mfaPoolOf(house, id, other),

    asks: (mode: Mode | 'OFF', factors: readonly Factor[] = []) => setPoolFactors(house, id, mode, factors),

    async createUser(name: string, attributes: Record<string, string> = {}) {
      await house.createUser(id, name, attributeList(attributes));
      return name;
    },

    update: (name: string, attributes: Record<string, string>) =>
      sdk.send(
        new AdminUpdateUserAttributesCommand({
          UserPoolId: id,
          Username: name,
          UserAttributes: attributeList(attributes),
        }),
      ),

    /** Switches these factors on, one of them preferred, and no other. */
    async switchOn(name: string, factors: readonly Factor[], preferred?: Factor) {
      const setting = (factor: Factor) => ({
        Enabled: factors.includes(factor),
        PreferredMfa: preferred === factor,
      });
      await sdk.send(
        new AdminSetUserMFAPreferenceCommand({
          UserPoolId: id,
          Username: name,
          SMSMfaSettings: setting('SMS_MFA'),
          SoftwareTokenMfaSettings: setting('SOFTWARE_TOKEN_MFA'),
          EmailMfaSettings: setting('EMAIL_OTP'),
        }),
      );
    },

    /** The password, in clear. */
    begin: (name: string, more: Responses = {}): Promise<Met> =>
      sdk.send(
        new InitiateAuthCommand({
          ClientId,
          AuthFlow: 'USER_PASSWORD_AUTH',
          AuthParameters: { USERNAME: name, PASSWORD, ...more },
        }),
      ),

    /** The password, by SRP. */
    async beginBySrp(name: string): Promise<Met> {
      const srp = srpClient(id);
      const { ChallengeParameters } = await sdk.send(
        new InitiateAuthCommand({
          ClientId,
          AuthFlow: 'USER_SRP_AUTH',
          AuthParameters: { USERNAME: name, SRP_A: srp.SRP_A },
        }),
      );
      return sdk.send(
        new RespondToAuthChallengeCommand({
          ClientId,
          ChallengeName: 'PASSWORD_VERIFIER',
          ChallengeResponses: srp.prove(ChallengeParameters, PASSWORD),
        }),
      );
    },

    beginAsAdmin: (name: string): Promise<Met> =>
      sdk.send(
        new AdminInitiateAuthCommand({
          UserPoolId: id,
          ClientId,
          AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
          AuthParameters: { USERNAME: name, PASSWORD },
        }),
      ),

    respond: (name: string, { ChallengeName, Session }: Met, responses: Responses): Promise<Met> =>
      sdk.send(
        new RespondToAuthChallengeCommand({
          ClientId,
          ChallengeName,
          Session,
          ChallengeResponses: { USERNAME: name, ...responses },
        }),
      ),

    respondAsAdmin: (name: string, { ChallengeName, Session }: Met, responses: Responses): Promise<Met> =>
      sdk.send(
        new AdminRespondToAuthChallengeCommand({
          UserPoolId: id,
          ClientId,
          ChallengeName,
          Session,
          ChallengeResponses: { USERNAME: name, ...responses },
        }),
      ),

    /** Answers the challenge that was met with a code. */
    enter: (name: string, met: Met, code: string, more: Responses = {}): Promise<Met> =>
      pool.respond(name, met, { [`${met.ChallengeName}_CODE`]: code, ...more }),

    choose: (name: string, met: Met, ANSWER: string): Promise<Met> => pool.respond(name, met, { ANSWER }),

    associate: (by: SetUpBy) => sdk.send(new AssociateSoftwareTokenCommand(by)),
    verify: (by: SetUpBy, UserCode: string, FriendlyDeviceName?: string) =>
      sdk.send(new VerifySoftwareTokenCommand({ ...by, UserCode, FriendlyDeviceName })),

    /** Gives a user, who has no factor yet, an authenticator app. Its newest code is used up by that. */
    async setUpApp(name: string, friendlyName?: string): Promise<Authenticator> {
      const { AuthenticationResult, Session } = await pool.begin(name);
      const token = AuthenticationResult && { AccessToken: AuthenticationResult.AccessToken };
      const associated = await pool.associate(token ?? { Session });
      const app = authenticator(house, associated.SecretCode as string);
      await pool.verify(token ?? { Session: associated.Session }, await app.code(), friendlyName);
      return app;
    },
  };
  return pool;
}

export type MfaPool = ReturnType<typeof mfaPoolOf>;

/** `tokens`, or the challenge's name with what there is to choose or to set up. */
export function outcomeOf({ ChallengeName, ChallengeParameters, AuthenticationResult }: Met): string {
  if (AuthenticationResult !== undefined) return 'tokens';
  const list = ChallengeParameters?.['MFAS_CAN_CHOOSE'] ?? ChallengeParameters?.['MFAS_CAN_SETUP'];
  return list === undefined ? (ChallengeName ?? '') : `${ChallengeName} ${list}`;
}

/** As many digits, and not these. */
export const otherCode = (code: string) => `${(Number(code[0]) + 1) % 10}${code.slice(1)}`;

let phones = 0;
/** A phone number that no other user of the test file has. */
export const newPhone = () => `+1555${String(++phones).padStart(7, '0')}`;

const STEP = 30_000;

/** The server's time, ms. */
async function timeOf(house: House): Promise<number> {
  const { now } = (await house.operator('clock')) as { now: string };
  return Date.parse(now);
}

/** Moves the server's clock to the beginning of the next time step of authenticator apps. */
export async function nextStep(house: House): Promise<void> {
  const rest = STEP - ((await timeOf(house)) % STEP);
  await house.advance(`PT${Math.ceil(rest / 1000)}S`);
}

/** How often each outcome came: `ok`, or the error's name. */
export async function tally(calls: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const result of await Promise.allSettled(calls)) {
    const outcome = result.status === 'fulfilled' ? 'ok' : (result.reason as Error).name;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

/** Wrong answers that may be compared within a time (ms): five, and one for each lock that ran out, of 1, 2, 4 … s. */
export const mostCompared = (elapsed: number) => 5 + Math.floor(Math.log2(elapsed / 1000 + 1));
