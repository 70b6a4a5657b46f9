import {
  AdminCreateUserCommand,
  AdminInitiateAuthCommand,
  AdminRespondToAuthChallengeCommand,
  type AuthFlowType,
  type ChallengeNameType,
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  ForgotPasswordCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { attributeList } from './attributes.ts';
import { type House, PASSWORD } from './house.ts';
import { openMfaPool } from './mfa-sign-in.ts';
import { secretHash } from './sign-in.ts';
import { srpClient } from './srp-client.ts';
import { firstFactors } from './user-auth.ts';

export type Client = { ClientId: string; ClientSecret?: string };
type Parameters = Record<string, string>;
/** A request that names somebody, with a hash or none. It resolves or fails for whatever reason. */
export type HashedCall = (name: string, hash?: string) => Promise<unknown>;

export interface Place {
  readonly pool: string;
  /** Whom the calls name, by username; `<username>@example.com` is their alias. */
  readonly user: string;
}

interface Operation extends Place {
  readonly operation: string;
  /** `SecretHash`, or `SECRET_HASH` among the parameters: a missing one has another text. */
  readonly as: 'member' | 'parameter';
  /** Whatever comes before, with the right hash, by somebody who types `name`. */
  open(client: Client, name: string): Promise<HashedCall>;
}

/** Every operation, flow and challenge that takes the hash of a name, and users who are at that point. */
export async function hashedOperations(house: House): Promise<Operation[]> {
  const shop = await openShop(house);
  const mfa = await openMfaUsers(house);
  const ann = { pool: shop, user: 'ann' };
  return [
    ...memberOperations(house, ann),
    ...flows(house, ann),
    ...challenges(house, { pool: shop, mfa: mfa.optional, setUp: mfa.on }),
  ];
}

async function openShop(house: House): Promise<string> {
  const pool = await house.createPool({
    ...firstFactors('PASSWORD', 'EMAIL_OTP', 'SMS_OTP'),
    AliasAttributes: ['email'],
  });
  await unlimited(house, pool);
  const proven = { email_verified: 'true', phone_number: '+15550001234', phone_number_verified: 'true' };
  await house.createUser(pool, 'ann', attributeList({ email: 'ann@example.com', ...proven }));
  await house.sdk.send(
    new AdminCreateUserCommand({
      UserPoolId: pool,
      Username: 'new',
      TemporaryPassword: PASSWORD,
      MessageAction: 'SUPPRESS',
      UserAttributes: attributeList({ email: 'new@example.com', email_verified: 'true' }),
    }),
  );
  return pool;
}

async function openMfaUsers(house: House) {
  const proven = (name: string, phone: string) => ({
    email: `${name}@example.com`,
    email_verified: 'true',
    phone_number: phone,
    phone_number_verified: 'true',
  });
  const aliases = { AliasAttributes: ['email' as const] };
  const optional = await openMfaPool(house, 'OPTIONAL', ['SMS_MFA', 'SOFTWARE_TOKEN_MFA'], aliases);
  await optional.createUser('sms', proven('sms', '+15550000001'));
  await optional.switchOn('sms', ['SMS_MFA']);
  for (const [index, name] of ['app', 'two'].entries()) {
    await optional.createUser(name, proven(name, `+1555000000${index + 2}`));
    await optional.setUpApp(name);
  }
  await optional.switchOn('app', ['SOFTWARE_TOKEN_MFA']);
  await optional.switchOn('two', ['SMS_MFA', 'SOFTWARE_TOKEN_MFA']);
  const on = await openMfaPool(house, 'ON', ['SOFTWARE_TOKEN_MFA'], aliases);
  await on.createUser('bare', { email: 'bare@example.com', email_verified: 'true' });
  for (const { id } of [optional, on]) await unlimited(house, id);
  return { optional: optional.id, on: on.id };
}

const unlimited = (house: House, pool: string) =>
  house.operator(`pools/${pool}/settings`, { method: 'PUT', json: { recovery: { attemptsPerHour: 0 } } });

function memberOperations({ sdk }: House, place: Place): Operation[] {
  const calls: Record<string, (input: { ClientId: string; Username: string }) => Promise<unknown>> = {
    SignUp: (input) => sdk.send(new SignUpCommand({ ...input, Password: 'weak' })),
    ConfirmSignUp: (input) => sdk.send(new ConfirmSignUpCommand({ ...input, ConfirmationCode: '0' })),
    ResendConfirmationCode: (input) => sdk.send(new ResendConfirmationCodeCommand(input)),
    ForgotPassword: (input) => sdk.send(new ForgotPasswordCommand(input)),
    ConfirmForgotPassword: (input) =>
      sdk.send(new ConfirmForgotPasswordCommand({ ...input, ConfirmationCode: '0', Password: PASSWORD })),
  };
  return Object.entries(calls).map(([operation, send]) => ({
    ...place,
    operation,
    as: 'member',
    open:
      async ({ ClientId }) =>
      (Username, SecretHash) =>
        send({ ClientId, Username, ...(SecretHash !== undefined && { SecretHash }) } as never),
  }));
}

type By = 'user' | 'admin';
const asAdmin: Partial<Record<AuthFlowType, AuthFlowType>> = {
  USER_PASSWORD_AUTH: 'ADMIN_USER_PASSWORD_AUTH',
};

/** The steps of a sign-in in one pool, by the user or by an administrator. */
function stepsOf({ sdk }: House, UserPoolId: string, { ClientId }: Client, by: By) {
  return {
    initiate: (flow: AuthFlowType, AuthParameters: Parameters) =>
      by === 'user'
        ? sdk.send(new InitiateAuthCommand({ ClientId, AuthFlow: flow, AuthParameters }))
        : sdk.send(
            new AdminInitiateAuthCommand({
              UserPoolId,
              ClientId,
              AuthFlow: asAdmin[flow] ?? flow,
              AuthParameters,
            }),
          ),
    respond: (
      ChallengeName: ChallengeNameType,
      Session: string | undefined,
      ChallengeResponses: Parameters,
    ) => {
      const input = { ClientId, ChallengeName, Session, ChallengeResponses };
      return by === 'user'
        ? sdk.send(new RespondToAuthChallengeCommand(input))
        : sdk.send(new AdminRespondToAuthChallengeCommand({ UserPoolId, ...input }));
    },
  };
}

const withHash = (hash: string | undefined) => (hash === undefined ? {} : { SECRET_HASH: hash });
const ownHash = (client: Client, name: string) =>
  withHash(client.ClientSecret === undefined ? undefined : secretHash(client, name));
const nameOf = (by: By) => (by === 'user' ? '' : 'Admin');

function flows(house: House, place: Place): Operation[] {
  const { SRP_A } = srpClient(place.pool);
  const parameters: Partial<Record<AuthFlowType, Parameters>> = {
    USER_PASSWORD_AUTH: { PASSWORD },
    USER_SRP_AUTH: { SRP_A },
    USER_AUTH: {},
  };
  return (['user', 'admin'] as const).flatMap((by) =>
    Object.entries(parameters).map(([flow, more]) => ({
      ...place,
      operation: `${nameOf(by)}InitiateAuth ${asAdmin[flow as AuthFlowType] && by === 'admin' ? 'ADMIN_' : ''}${flow}`,
      as: 'parameter',
      open: async (client) => (USERNAME, hash) =>
        stepsOf(house, place.pool, client, by).initiate(flow as AuthFlowType, {
          USERNAME,
          ...more,
          ...withHash(hash),
        }),
    })),
  );
}

interface Challenge {
  readonly name: ChallengeNameType;
  readonly place: Place;
  readonly flow: AuthFlowType;
  readonly begin: Parameters;
  /** An answer that is never right. */
  readonly answer: Parameters;
}

function challenges(house: House, pools: { pool: string; mfa: string; setUp: string }): Operation[] {
  const ann = { pool: pools.pool, user: 'ann' };
  const byPassword = (name: ChallengeNameType, place: Place, answer: Parameters): Challenge => ({
    name,
    place,
    flow: 'USER_PASSWORD_AUTH',
    begin: { PASSWORD },
    answer,
  });
  const byChoice = (name: ChallengeNameType, answer: Parameters, begin = {}): Challenge => ({
    name,
    place: ann,
    flow: 'USER_AUTH',
    begin,
    answer,
  });
  const inMfa = (user: string): Place => ({ pool: pools.mfa, user });
  const proof = { PASSWORD_CLAIM_SIGNATURE: 'bm8=', TIMESTAMP: 'Mon Jan 1 00:00:00 UTC 2024' };
  const all: Challenge[] = [
    {
      name: 'PASSWORD_VERIFIER',
      place: ann,
      flow: 'USER_SRP_AUTH',
      begin: { SRP_A: srpClient(pools.pool).SRP_A },
      answer: proof,
    },
    byChoice('SELECT_CHALLENGE', { ANSWER: 'nothing' }),
    byChoice('PASSWORD', { PASSWORD: 'Wrong-1-word' }, { PREFERRED_CHALLENGE: 'PASSWORD' }),
    byChoice('PASSWORD_SRP', { SRP_A: '0' }),
    byChoice('EMAIL_OTP', { EMAIL_OTP_CODE: '0' }, { PREFERRED_CHALLENGE: 'EMAIL_OTP' }),
    byChoice('SMS_OTP', { SMS_OTP_CODE: '0' }, { PREFERRED_CHALLENGE: 'SMS_OTP' }),
    byPassword('NEW_PASSWORD_REQUIRED', { pool: pools.pool, user: 'new' }, { NEW_PASSWORD: 'weak' }),
    byPassword('SELECT_MFA_TYPE', inMfa('two'), { ANSWER: 'nothing' }),
    byPassword('SMS_MFA', inMfa('sms'), { SMS_MFA_CODE: '0' }),
    byPassword('SOFTWARE_TOKEN_MFA', inMfa('app'), { SOFTWARE_TOKEN_MFA_CODE: '0' }),
    byPassword('MFA_SETUP', { pool: pools.setUp, user: 'bare' }, {}),
  ];
  return (['user', 'admin'] as const).flatMap((by) =>
    all.map((challenge) => ({
      ...challenge.place,
      operation: `${nameOf(by)}RespondToAuthChallenge ${challenge.name}`,
      as: 'parameter',
      open: (client, name) => reach(house, client, by, challenge, name),
    })),
  );
}

async function reach(
  house: House,
  client: Client,
  by: By,
  { name: ChallengeName, place, flow, begin, answer }: Challenge,
  typed: string,
): Promise<HashedCall> {
  const steps = stepsOf(house, place.pool, client, by);
  const met = await steps.initiate(flow, { USERNAME: typed, ...begin, ...ownHash(client, typed) });
  const block = met.ChallengeParameters?.['SECRET_BLOCK'];
  const proof = block === undefined ? {} : { PASSWORD_CLAIM_SECRET_BLOCK: block };
  return (USERNAME, hash) =>
    steps.respond(ChallengeName, met.Session, { USERNAME, ...answer, ...proof, ...withHash(hash) });
}
