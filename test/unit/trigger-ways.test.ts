import {
  AdminCreateUserCommand,
  ConfirmSignUpCommand,
  GetUserAttributeVerificationCodeCommand,
  InitiateAuthCommand,
  type LambdaConfigType,
  ResendConfirmationCodeCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
  UpdateUserAttributesCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { describe, expect, it, vi } from 'vitest';
import { attributeList } from '../support/attributes.ts';
import { type FunctionHouse, openFunctionHouse, type TriggerEvent, type Way } from '../support/functions.ts';
import { NEW_PASSWORD, PASSWORD } from '../support/house.ts';
import { recoveryCalls } from '../support/recovery-calls.ts';
import { firstFactors } from '../support/user-auth.ts';

// Every trigger source there is, by each of the three ways to run a function: what arrives is the same event. What the
// members of the events are is the other trigger tests' to say.

const asked = {
  messages: ['SignUp', 'ResendCode', 'ForgotPassword', 'UpdateUserAttribute', 'VerifyUserAttribute'],
  others: [
    ...['PreSignUp_SignUp', 'PreSignUp_AdminCreateUser'],
    ...['PostConfirmation_ConfirmSignUp', 'PostConfirmation_ConfirmForgotPassword'],
    ...['PreAuthentication_Authentication', 'PostAuthentication_Authentication'],
    ...['DefineAuthChallenge', 'CreateAuthChallenge', 'VerifyAuthChallengeResponse'].map(
      (trigger) => `${trigger}_Authentication`,
    ),
    ...['Authentication', 'NewPasswordChallenge', 'RefreshTokens'].map((when) => `TokenGeneration_${when}`),
    ...['UserMigration_Authentication', 'UserMigration_ForgotPassword'],
  ],
};
const messageSources = (trigger: string) =>
  [...asked.messages, 'AdminCreateUser', 'Authentication'].map((occasion) => `${trigger}_${occasion}`);

const flows = [
  'ALLOW_USER_AUTH',
  'ALLOW_USER_PASSWORD_AUTH',
  'ALLOW_CUSTOM_AUTH',
  'ALLOW_REFRESH_TOKEN_AUTH',
];

async function openPool(house: FunctionHouse, LambdaConfig: LambdaConfigType) {
  const poolId = await house.createPool({
    ...firstFactors('PASSWORD', 'EMAIL_OTP', 'SMS_OTP'),
    LambdaConfig,
  });
  const client = await house.createClient(poolId, { ExplicitAuthFlows: flows as [] });
  return { poolId, ClientId: client.ClientId, ...recoveryCalls(house, client) };
}
type Pool = Awaited<ReturnType<typeof openPool>>;

const ways = {
  email: { factor: 'EMAIL_OTP', first: 'ann@example.com', later: 'ann@example.org' },
  phone_number: { factor: 'SMS_OTP', first: '+15555550101', later: '+15555550102' },
} as const;

/** Everything that sends a message, to a user with an address of one kind. */
async function messagesTo(house: FunctionHouse, pool: Pool, attribute: keyof typeof ways, Username: string) {
  const { sdk } = house;
  const { ClientId, poolId } = pool;
  const { factor, first, later } = ways[attribute];
  const UserAttributes = attributeList({ [attribute]: first });
  await sdk.send(new SignUpCommand({ ClientId, Username, Password: PASSWORD, UserAttributes }));
  await sdk.send(new ResendConfirmationCodeCommand({ ClientId, Username }));
  const ConfirmationCode = await house.code(first);
  await sdk.send(new ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode }));
  await pool.forgot(Username);
  await pool.confirm(Username, await house.code(first));
  const AuthParameters = { USERNAME: Username, PREFERRED_CHALLENGE: factor };
  await sdk.send(new InitiateAuthCommand({ ClientId, AuthFlow: 'USER_AUTH', AuthParameters }));
  const { AuthenticationResult: tokens } = await pool.signIn(Username, NEW_PASSWORD);
  const AccessToken = tokens?.AccessToken;
  const changed = attributeList({ [attribute]: later });
  await sdk.send(new UpdateUserAttributesCommand({ AccessToken, UserAttributes: changed }));
  await sdk.send(new GetUserAttributeVerificationCodeCommand({ AccessToken, AttributeName: attribute }));
  await sdk.send(
    new AdminCreateUserCommand({
      UserPoolId: poolId,
      Username: `${Username}-invited`,
      UserAttributes: attributeList({ [attribute]: `${attribute === 'email' ? 'i' : ''}${first}` }),
      TemporaryPassword: PASSWORD,
      DesiredDeliveryMediums: [attribute === 'email' ? 'EMAIL' : 'SMS'],
    }),
  );
  return tokens?.RefreshToken as string;
}

/** Everything else that runs a function. */
async function signIns({ sdk, functions }: FunctionHouse, pool: Pool, invited: string, refreshToken: string) {
  const { ClientId } = pool;
  const session = ({ Session }: { Session?: string | undefined }) => Session;
  await pool.refresh(refreshToken);

  const NEW_PASSWORD_REQUIRED = { USERNAME: invited, NEW_PASSWORD };
  await sdk.send(
    new RespondToAuthChallengeCommand({
      ClientId,
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session: session(await pool.signIn(invited)),
      ChallengeResponses: NEW_PASSWORD_REQUIRED,
    }),
  );

  functions.answer('DefineAuthChallenge_Authentication', ({ request }) =>
    request.session.length === 0 ? { challengeName: 'CUSTOM_CHALLENGE' } : { issueTokens: true },
  );
  functions.answer('CreateAuthChallenge_Authentication', { privateChallengeParameters: { answer: '42' } });
  functions.answer('VerifyAuthChallengeResponse_Authentication', { answerCorrect: true });
  const AuthParameters = { USERNAME: invited };
  const begun = await sdk.send(
    new InitiateAuthCommand({ ClientId, AuthFlow: 'CUSTOM_AUTH', AuthParameters }),
  );
  const answer = { USERNAME: invited, ANSWER: '42' };
  const ended = await sdk.send(
    new RespondToAuthChallengeCommand({
      ClientId,
      ChallengeName: 'CUSTOM_CHALLENGE',
      Session: session(begun),
      ChallengeResponses: answer,
    }),
  );
  expect(ended.AuthenticationResult?.IdToken).toBeDefined();

  const migrated = (name: string) => ({
    userAttributes: { email: `${name}@example.net`, email_verified: 'true' },
    finalUserStatus: 'CONFIRMED',
    messageAction: 'SUPPRESS',
  });
  functions.answer('UserMigration_Authentication', migrated('old-one'));
  expect((await pool.signIn('old-one')).AuthenticationResult?.IdToken).toBeDefined();
  functions.answer('UserMigration_ForgotPassword', migrated('old-two'));
  expect((await pool.forgot('old-two')).CodeDeliveryDetails?.Destination).toBe('o***@e***');
}

/** An event without what is another each time, and in the order of its keys. */
const comparable = (event: TriggerEvent) =>
  JSON.stringify(event)
    .replaceAll(event.userPoolId, '<pool>')
    .replaceAll(event.callerContext.clientId ?? '<no client>', '<client>')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')
    .replace(/"code":"[^"]+"/, '"code":"<code>"');

async function eventsBy(way: Way): Promise<Map<string, string>> {
  await using house = await openFunctionHouse({ way });
  const { functions } = house;
  const custom = ['CustomEmailSender', 'CustomSMSSender'] as const;
  const senders = Object.fromEntries(
    custom.map((trigger) => [trigger, { LambdaVersion: 'V1_0', LambdaArn: functions.arn(trigger) }]),
  );
  const KMSKeyID = 'arn:aws:kms:us-east-1:123456789012:key/7d1a3f9e-0000-4000-8000-123456789012';

  const shaping = functions.config(
    ...([
      'PreSignUp',
      'CustomMessage',
      'PostConfirmation',
      'PreAuthentication',
      'PostAuthentication',
    ] as const),
    ...(['DefineAuthChallenge', 'CreateAuthChallenge', 'VerifyAuthChallengeResponse'] as const),
    ...(['PreTokenGeneration', 'UserMigration'] as const),
  );
  const shaped = await openPool(house, shaping);
  const refreshToken = await messagesTo(house, shaped, 'email', 'ann');
  await signIns(house, shaped, 'ann-invited', refreshToken);

  const sending = await openPool(house, { ...senders, KMSKeyID });
  await messagesTo(house, sending, 'email', 'mail');
  await messagesTo(house, sending, 'phone_number', 'phone');
  // They run after the answers, by the outbox.
  const sources = custom.flatMap(messageSources);
  await vi.waitFor(() => {
    for (const source of sources) functions.last(source);
  }, 15_000);

  const first = functions.events().toReversed();
  return new Map(first.map((event) => [event.triggerSource, comparable(event)]));
}

describe('every trigger source', () => {
  const all = [
    ...['CustomMessage', 'CustomEmailSender', 'CustomSMSSender'].flatMap(messageSources),
    ...asked.others,
  ].sort();
  let inFiles: Map<string, string>;

  it('reaches a module', async () => {
    inFiles = await eventsBy('file');
    expect([...inFiles.keys()].sort()).toEqual(all);
  });

  it.each(['https', 'lambda'] as const)('arrives by %s as it does in a module', async (way) => {
    const arrived = await eventsBy(way);
    expect(Object.fromEntries(arrived)).toEqual(Object.fromEntries(inFiles));
  });
});
