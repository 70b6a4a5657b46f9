import { userDoesNotExist } from '../../errors.ts';
import type { CodePurpose } from '../../storage/schema/attempts.ts';
import type { UserStatus } from '../../storage/schema/users.ts';
import { kindIn } from '../delivery/confirmation-link.ts';
import type { MessageChannel } from '../delivery/message.ts';
import type { MessageKind } from '../delivery/templates.ts';
import type { AppClient } from '../pools/app-client.ts';
import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import { SCOPES } from '../tokens/token-claims.ts';
import { newIdentity } from '../users/create-user.ts';
import type { Attributes, User } from '../users/user.ts';
import { createAuthChallenge } from './create-auth-challenge.ts';
import { customMessage } from './custom-message.ts';
import { customSenderAt, sendByFunction, toldToSender } from './custom-sender.ts';
import { defineAuthChallenge } from './define-auth-challenge.ts';
import type { Metadata } from './event.ts';
import type { CodeEncryption } from './kms/encrypt-code.ts';
import { postAuthentication } from './post-authentication.ts';
import { postConfirmation } from './post-confirmation.ts';
import { preAuthentication } from './pre-authentication.ts';
import { type Applicant, preSignUp } from './pre-sign-up.ts';
import { preTokenGeneration, type TokenGeneration } from './pre-token-generation.ts';
import type { Party } from './sign-in-event.ts';
import type { Trigger } from './trigger.ts';
import { userMigration } from './user-migration.ts';
import { verifyAuthChallenge } from './verify-auth-challenge.ts';

/** Who an occasion that is only rehearsed is about, and what they would have sent. */
export interface Scene {
  readonly services: Services;
  readonly encryption: Pick<CodeEncryption, 'encrypt'>;
  readonly pool: UserPool;
  readonly client: AppClient;
  /** As it would have been typed. */
  readonly name: string;
  readonly user: User | undefined;
  /** Of somebody who is not a user yet. */
  readonly attributes: Attributes;
  /** How a message would go out. */
  readonly channel: MessageChannel;
  readonly password: string;
  /** To a custom challenge. */
  readonly answer: string;
  readonly clientMetadata: Metadata | undefined;
  readonly validationData: Metadata | undefined;
}

export interface Rehearsable {
  readonly trigger: Trigger;
  /** Runs the pool's function as the server would. */
  act(scene: Scene): Promise<unknown>;
}
type Rehearsables = Readonly<Record<string, Rehearsable>>;

/** The `triggerSource`s of a trigger. */
const of = <Source extends string>(
  trigger: Trigger,
  sources: readonly Source[],
  act: (scene: Scene, source: Source) => Promise<unknown>,
): Rehearsables =>
  Object.fromEntries(
    sources.map((source) => [source, { trigger, act: (scene: Scene) => act(scene, source) }]),
  );

/** Nobody signs in where the client hides who exists: functions run for them as well. */
function partyOf({ user, name, client }: Scene): Party {
  if (user === undefined && !client.hidesUsers) throw userDoesNotExist();
  return { user, username: user?.username ?? name };
}

/** Throws UserNotFoundException where there is nobody. `status` is what the occasion implies. */
function somebody({ user }: Scene, status = user?.status): User {
  if (user === undefined || status === undefined) throw userDoesNotExist();
  return { ...user, status };
}

function applicantOf(scene: Scene, source: Applicant['source']): Applicant {
  const { pool, user, name, client, clientMetadata, validationData } = scene;
  const { username, attributes } = user ?? newIdentity(pool, name, scene.attributes);
  return {
    source,
    userName: username,
    attributes,
    clientId: source === 'PreSignUp_AdminCreateUser' ? undefined : client.id,
    validationData,
    clientMetadata,
  };
}

const messages: Readonly<
  Record<string, { kind: MessageKind; purpose?: CodePurpose; status?: UserStatus; byAdministrator?: true }>
> = {
  SignUp: { kind: 'verification', purpose: 'confirm-sign-up', status: 'UNCONFIRMED' },
  ResendCode: { kind: 'verification', purpose: 'confirm-sign-up', status: 'UNCONFIRMED' },
  ForgotPassword: { kind: 'password-reset' },
  UpdateUserAttribute: { kind: 'verification' },
  VerifyUserAttribute: { kind: 'verification' },
  AdminCreateUser: { kind: 'invitation', status: 'FORCE_CHANGE_PASSWORD', byAdministrator: true },
  Authentication: { kind: 'authentication' },
};

const customMessages = Object.entries(messages).map(([name, { kind, purpose, status, byAdministrator }]) => {
  const triggerSource = `CustomMessage_${name}`;
  const act = (scene: Scene) => {
    const { services, pool, client, channel, clientMetadata } = scene;
    const caller = { clientId: byAdministrator ? undefined : client.id, clientMetadata };
    const message = { triggerSource, kind: kindIn(pool, { kind, purpose, channel }), channel };
    return customMessage(services, pool, message, somebody(scene, status), caller);
  };
  return of('CustomMessage', [triggerSource], act);
});

const SAMPLE_CODE = '123456';

function customSenders(channel: MessageChannel): Rehearsables {
  const trigger = channel === 'EMAIL' ? 'CustomEmailSender' : 'CustomSMSSender';
  return Object.assign(
    {},
    ...Object.entries(messages).map(([name, { status, byAdministrator }]) =>
      of(trigger, [`${trigger}_${name}`], async (scene, source) => {
        const { services, encryption, pool, client, clientMetadata } = scene;
        const user = somebody(scene, status);
        const given = customSenderAt(pool, channel);
        const caller = {
          clientId: byAdministrator ? undefined : client.id,
          awsSdkVersion: undefined,
          clientMetadata: toldToSender(source, clientMetadata),
        };
        const content = { code: SAMPLE_CODE, caller };
        const row = {
          channel,
          trigger_source: source,
          destination: user.attributes[channel === 'EMAIL' ? 'email' : 'phone_number'] ?? '',
        };
        if (given) await sendByFunction(services, encryption, pool, given, { row, content, user });
      }),
    ),
  );
}

/** Every `triggerSource` that can be rehearsed. */
export const rehearsals: Rehearsables = {
  ...of('PreSignUp', ['PreSignUp_SignUp', 'PreSignUp_AdminCreateUser'], (scene, source) =>
    preSignUp(scene.services, scene.pool, applicantOf(scene, source)),
  ),
  ...Object.assign({}, ...customMessages),
  ...of(
    'PostConfirmation',
    ['PostConfirmation_ConfirmSignUp', 'PostConfirmation_ConfirmForgotPassword'],
    (scene, source) => {
      const { services, pool, client, clientMetadata } = scene;
      const caller = { clientId: client.id, clientMetadata };
      return postConfirmation(services, pool, source, somebody(scene, 'CONFIRMED'), caller);
    },
  ),
  ...of('PreAuthentication', ['PreAuthentication_Authentication'], (scene) =>
    preAuthentication(scene, partyOf(scene)),
  ),
  ...of('PostAuthentication', ['PostAuthentication_Authentication'], (scene) =>
    postAuthentication(scene, somebody(scene)),
  ),
  ...of('DefineAuthChallenge', ['DefineAuthChallenge_Authentication'], (scene) =>
    defineAuthChallenge(scene, partyOf(scene), []),
  ),
  ...of('CreateAuthChallenge', ['CreateAuthChallenge_Authentication'], (scene) =>
    createAuthChallenge(scene, partyOf(scene), [], () => {}),
  ),
  // What is private of a challenge comes from the function that makes them.
  ...of('VerifyAuthChallengeResponse', ['VerifyAuthChallengeResponse_Authentication'], async (scene) => {
    const party = partyOf(scene);
    const secret = await createAuthChallenge(scene, party, [], (challenge) => challenge.privateParameters);
    return verifyAuthChallenge(scene, party, secret ?? {}, scene.answer);
  }),
  ...of(
    'PreTokenGeneration',
    [
      'TokenGeneration_Authentication',
      'TokenGeneration_NewPasswordChallenge',
      'TokenGeneration_RefreshTokens',
    ] satisfies TokenGeneration['source'][],
    (scene, source) => {
      const { services, pool, client, clientMetadata } = scene;
      const user = somebody(scene);
      return preTokenGeneration(services, pool, client, user, { source, clientMetadata }, SCOPES);
    },
  ),
  ...of(
    'UserMigration',
    ['UserMigration_Authentication', 'UserMigration_ForgotPassword'],
    async (scene, source) => {
      const { services, pool, client, name, password, clientMetadata, validationData } = scene;
      await userMigration(
        services,
        pool,
        client,
        name,
        source === 'UserMigration_Authentication'
          ? { source, password, validationData }
          : { source, clientMetadata },
      );
    },
  ),
  ...Object.assign({}, ...(['EMAIL', 'SMS'] as const).map(customSenders)),
};
