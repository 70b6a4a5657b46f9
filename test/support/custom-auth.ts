import {
  AdminInitiateAuthCommand,
  AdminRespondToAuthChallengeCommand,
  type CreateUserPoolClientCommandInput,
  type CreateUserPoolCommandInput,
  InitiateAuthCommand,
  type LambdaConfigType,
  RespondToAuthChallengeCommand,
  type RespondToAuthChallengeCommandOutput,
} from '@aws-sdk/client-cognito-identity-provider';
import type { FunctionHouse, TestFunctions, TriggerEvent } from './functions.ts';
import { secretHash } from './sign-in.ts';
import { srpClient } from './srp-client.ts';

type Parameters = Record<string, string>;
export type Met = RespondToAuthChallengeCommandOutput;

export const DEFINE = 'DefineAuthChallenge_Authentication';
export const CREATE = 'CreateAuthChallenge_Authentication';
export const VERIFY = 'VerifyAuthChallengeResponse_Authentication';
const CUSTOM_TRIGGERS = [
  'DefineAuthChallenge',
  'CreateAuthChallenge',
  'VerifyAuthChallengeResponse',
] as const satisfies (keyof LambdaConfigType)[];

/** A pool whose functions sign in, an app client of it, and the steps of a sign-in there. */
export async function openCustomPool(
  house: FunctionHouse,
  input: Partial<CreateUserPoolCommandInput> = {},
  client: Partial<CreateUserPoolClientCommandInput> = {},
) {
  const LambdaConfig = house.functions.config(...CUSTOM_TRIGGERS);
  const id = await house.createPool({ LambdaConfig, ...input });
  return { id, ...(await customCalls(house, id, client)) };
}

/** The steps of a sign-in by CUSTOM_AUTH, through a new app client. */
export async function customCalls(
  house: FunctionHouse,
  poolId: string,
  input: Partial<CreateUserPoolClientCommandInput> = {},
) {
  const client = await house.createClient(poolId, {
    ExplicitAuthFlows: [
      'ALLOW_CUSTOM_AUTH',
      'ALLOW_USER_SRP_AUTH',
      'ALLOW_USER_PASSWORD_AUTH',
      'ALLOW_REFRESH_TOKEN_AUTH',
    ],
    ...input,
  });
  const { ClientId } = client;
  const hashed = (name: string) => (client.ClientSecret ? { SECRET_HASH: secretHash(client, name) } : {});

  const respond = (ChallengeName: 'CUSTOM_CHALLENGE' | 'PASSWORD_VERIFIER' | 'SOFTWARE_TOKEN_MFA') =>
    function answer(
      name: string,
      { Session }: Pick<Met, 'Session'>,
      responses: Parameters,
      ClientMetadata?: Parameters,
    ): Promise<Met> {
      return house.sdk.send(
        new RespondToAuthChallengeCommand({
          ClientId,
          ChallengeName,
          Session,
          ChallengeResponses: { USERNAME: name, ...hashed(name), ...responses },
          ClientMetadata,
        }),
      );
    };
  const custom = respond('CUSTOM_CHALLENGE');
  const verifier = respond('PASSWORD_VERIFIER');

  return {
    client,
    custom,
    mfa: respond('SOFTWARE_TOKEN_MFA'),

    start: (name: string, parameters: Parameters = {}, ClientMetadata?: Parameters): Promise<Met> =>
      house.sdk.send(
        new InitiateAuthCommand({
          ClientId,
          AuthFlow: 'CUSTOM_AUTH',
          AuthParameters: { USERNAME: name, ...hashed(name), ...parameters },
          ClientMetadata,
        }),
      ),

    answer: (name: string, met: Pick<Met, 'Session'>, ANSWER: string, metadata?: Parameters): Promise<Met> =>
      custom(name, met, { ANSWER }, metadata),

    /** Begins with the password, and shows it when it is asked for. */
    async startBySrp(name: string, password: string, metadata?: Parameters) {
      const srp = srpClient(poolId);
      const begun = await this.start(name, { CHALLENGE_NAME: 'SRP_A', SRP_A: srp.SRP_A });
      const prove = () => srp.prove(begun.ChallengeParameters, password);
      return { begun, show: () => verifier(name, begun, prove(), metadata) };
    },

    /** The same operations, as administrators sign them. */
    startAsAdmin: (name: string, ClientMetadata?: Parameters): Promise<Met> =>
      house.sdk.send(
        new AdminInitiateAuthCommand({
          UserPoolId: poolId,
          ClientId,
          AuthFlow: 'CUSTOM_AUTH',
          AuthParameters: { USERNAME: name, ...hashed(name) },
          ClientMetadata,
        }),
      ),
    answerAsAdmin: (
      name: string,
      { Session }: Met,
      ANSWER: string,
      ClientMetadata?: Parameters,
    ): Promise<Met> =>
      house.sdk.send(
        new AdminRespondToAuthChallengeCommand({
          UserPoolId: poolId,
          ClientId,
          ChallengeName: 'CUSTOM_CHALLENGE',
          Session,
          ChallengeResponses: { USERNAME: name, ...hashed(name), ANSWER },
          ClientMetadata,
        }),
      ),
  };
}

export type CustomPool = Awaited<ReturnType<typeof openCustomPool>>;

export const ask = (challengeName: string) => ({
  challengeName,
  issueTokens: false,
  failAuthentication: false,
});
export const LET_IN = { issueTokens: true, failAuthentication: false };
export const REFUSE = { issueTokens: false, failAuthentication: true };

/** Functions as most people write them: a word that has to be guessed, in three tries, after the password where it is sent. */
export function askForWord(functions: TestFunctions, word = 'sesame') {
  functions.answer(DEFINE, ({ request: { session } }: TriggerEvent) => {
    const last = session.at(-1);
    if (last?.challengeName === 'SRP_A') return ask('PASSWORD_VERIFIER');
    if (last?.challengeName === 'CUSTOM_CHALLENGE' && last.challengeResult) return LET_IN;
    return session.length >= 3 ? REFUSE : ask('CUSTOM_CHALLENGE');
  });
  functions.answer(CREATE, {
    publicChallengeParameters: { hint: 'Ali Baba' },
    privateChallengeParameters: { word },
    challengeMetadata: 'WORD',
  });
  functions.answer(VERIFY, ({ request }: TriggerEvent) => ({
    answerCorrect: request.privateChallengeParameters.word === request.challengeAnswer,
  }));
}
