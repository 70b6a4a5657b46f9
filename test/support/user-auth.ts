import {
  AdminCreateUserCommand,
  type ChallengeNameType,
  type CreateUserPoolClientCommandInput,
  type CreateUserPoolCommandInput,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  type RespondToAuthChallengeCommandOutput,
} from '@aws-sdk/client-cognito-identity-provider';
import { attributeList } from './attributes.ts';
import type { House } from './house.ts';
import { secretHash } from './sign-in.ts';

type Client = { ClientId: string; ClientSecret?: string };
type Parameters = Record<string, string>;
/** What a sign-in met: a challenge, or tokens. */
export type Met = RespondToAuthChallengeCommandOutput;
export type FirstFactor = 'PASSWORD' | 'EMAIL_OTP' | 'SMS_OTP';

const SmsConfiguration = { SnsCallerArn: 'arn:aws:iam::123456789012:role/sms', ExternalId: 'x' };

/** Members of a pool in which a sign-in may begin with these factors. */
export const firstFactors = (...AllowedFirstAuthFactors: FirstFactor[]) =>
  ({
    Policies: { SignInPolicy: { AllowedFirstAuthFactors } },
    AutoVerifiedAttributes: ['email', 'phone_number'],
    ...(AllowedFirstAuthFactors.includes('SMS_OTP') && { SmsConfiguration }),
  }) satisfies Partial<CreateUserPoolCommandInput>;

/** A pool in which codes stand for passwords, and an app client whose users choose. */
export async function openChoicePool(
  house: House,
  pool: Partial<CreateUserPoolCommandInput> = firstFactors('PASSWORD', 'EMAIL_OTP', 'SMS_OTP'),
  client: Partial<CreateUserPoolClientCommandInput> = {},
) {
  const id = await house.createPool(pool);
  return { id, ...choiceCalls(house, await createChoiceClient(house, id, client)) };
}

export const createChoiceClient = (
  house: House,
  poolId: string,
  input: Partial<CreateUserPoolClientCommandInput> = {},
) =>
  house.createClient(poolId, {
    ExplicitAuthFlows: ['ALLOW_USER_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    ...input,
  });

/** The steps of a choice-based sign-in through one app client. */
export function choiceCalls({ sdk }: Pick<House, 'sdk'>, client: Client) {
  const hashed = (name: string) => client.ClientSecret && { SECRET_HASH: secretHash(client, name) };
  const { ClientId } = client;
  return {
    client,

    start: (name: string, parameters: Parameters = {}, Session?: string): Promise<Met> =>
      sdk.send(
        new InitiateAuthCommand({
          ClientId,
          AuthFlow: 'USER_AUTH',
          AuthParameters: { USERNAME: name, ...hashed(name), ...parameters },
          Session,
        }),
      ),

    /** The same with a wish for a factor. */
    prefer(name: string, factor: string, parameters: Parameters = {}): Promise<Met> {
      return this.start(name, { PREFERRED_CHALLENGE: factor, ...parameters });
    },

    answer: (
      name: string,
      { ChallengeName, Session }: Pick<Met, 'ChallengeName' | 'Session'>,
      responses: Parameters,
    ): Promise<Met> =>
      sdk.send(
        new RespondToAuthChallengeCommand({
          ClientId,
          ChallengeName,
          Session,
          ChallengeResponses: { USERNAME: name, ...hashed(name), ...responses },
        }),
      ),

    choose(name: string, met: Met, ANSWER: string, more: Parameters = {}): Promise<Met> {
      return this.answer(name, met, { ANSWER, ...more });
    },

    /** Answers the challenge that was met with a code. */
    enter(name: string, met: Pick<Met, 'ChallengeName' | 'Session'>, code: string): Promise<Met> {
      return this.answer(name, met, { [`${met.ChallengeName}_CODE`]: code });
    },
  };
}

/** A CONFIRMED user without a password. */
export const createPasswordless = (
  { sdk }: Pick<House, 'sdk'>,
  UserPoolId: string,
  Username: string,
  attributes: Parameters = { email: `${Username}@example.com`, email_verified: 'true' },
) =>
  sdk.send(
    new AdminCreateUserCommand({
      UserPoolId,
      Username,
      MessageAction: 'SUPPRESS',
      UserAttributes: attributeList(attributes),
    }),
  );

/** An answer without what the SDK adds, and with its session as a word. */
export function shown({ $metadata, Session, ...answer }: Met) {
  return { ...answer, ...(Session !== undefined && { Session: 'session' }) };
}

export const asStep = (ChallengeName: ChallengeNameType, { Session }: Pick<Met, 'Session'>) => ({
  ChallengeName,
  Session,
});
