import type { AuthFlowType, ChallengeNameType, ExplicitAuthFlowsType } from '@poolkeeper/model';
import { flowNotEnabled, flowNotForOperation, invalid, notObeyedYet } from '../../errors.ts';
import { allows } from '../pools/client-config.ts';
import { requireSecretHashParameter } from '../pools/client-secret.ts';
import { refreshTokens, rotates } from '../tokens/refresh.ts';
import { answerChoice, startChoice } from './choice.ts';
import { answerCustom, goOnByPassword, startCustom } from './custom-sign-in.ts';
import { answerMfaSetup } from './mfa-setup.ts';
import { setNewPassword } from './new-password.ts';
import { signInByPassword } from './password-sign-in.ts';
import { selectMfaType } from './select-mfa-type.ts';
import { answerSentCode } from './sent-code.ts';
import { required } from './sign-in-parameters.ts';
import type { SignInRequest, SignInResult } from './sign-in-result.ts';
import { answerSoftwareToken } from './software-token-mfa.ts';
import { finishSrp, startSrp } from './srp-sign-in.ts';

interface Flow {
  readonly enabledBy: ExplicitAuthFlowsType;
  /** Who alone may start it, where it is not for both InitiateAuth and AdminInitiateAuth. */
  readonly only?: 'user' | 'admin';
  start(request: SignInRequest): Promise<SignInResult>;
}

const refresh: Flow = { enabledBy: 'ALLOW_REFRESH_TOKEN_AUTH', start: signInByRefreshToken };
const adminPassword: Flow = {
  enabledBy: 'ALLOW_ADMIN_USER_PASSWORD_AUTH',
  only: 'admin',
  start: signInByPassword,
};

/** Every AuthFlow, by what allows it and where it starts. */
const flows: Readonly<Record<AuthFlowType, Flow>> = {
  USER_SRP_AUTH: { enabledBy: 'ALLOW_USER_SRP_AUTH', start: startSrp },
  USER_PASSWORD_AUTH: { enabledBy: 'ALLOW_USER_PASSWORD_AUTH', only: 'user', start: signInByPassword },
  ADMIN_USER_PASSWORD_AUTH: adminPassword,
  ADMIN_NO_SRP_AUTH: adminPassword,
  REFRESH_TOKEN_AUTH: refresh,
  REFRESH_TOKEN: refresh,
  CUSTOM_AUTH: { enabledBy: 'ALLOW_CUSTOM_AUTH', start: startCustom },
  USER_AUTH: { enabledBy: 'ALLOW_USER_AUTH', start: startChoice },
};

type Step = (request: SignInRequest, session: string | undefined) => Promise<SignInResult>;

/**
 * Every challenge that this server asks, in the order in which a sign-in meets them, by how its answer is taken. What
 * comes after an answer is `nextChallenge`'s to say.
 */
const steps: Partial<Record<ChallengeNameType, Step>> = {
  // The first factor.
  SELECT_CHALLENGE: answerChoice(),
  PASSWORD: answerChoice('PASSWORD'),
  PASSWORD_SRP: answerChoice('PASSWORD_SRP'),
  PASSWORD_VERIFIER: finishSrp(goOnByPassword),
  SMS_OTP: answerSentCode('SMS_OTP'),
  // The first factor, or the second.
  EMAIL_OTP: answerSentCode('EMAIL_OTP'),
  // What the pool's functions ask.
  CUSTOM_CHALLENGE: answerCustom,
  // A password of their own.
  NEW_PASSWORD_REQUIRED: setNewPassword,
  // The second factor.
  SELECT_MFA_TYPE: selectMfaType,
  MFA_SETUP: answerMfaSetup,
  SMS_MFA: answerSentCode('SMS_MFA'),
  SOFTWARE_TOKEN_MFA: answerSoftwareToken,
};

export function startSignIn(
  request: SignInRequest,
  flow: AuthFlowType,
  by: 'user' | 'admin',
): Promise<SignInResult> {
  const { enabledBy, only, start } = flows[flow];
  if (only !== undefined && only !== by) throw flowNotForOperation();
  if (!allows(request.client.config, enabledBy)) throw flowNotEnabled(only === 'admin' ? undefined : flow);
  return start(request);
}

export function answerChallenge(
  request: SignInRequest,
  challenge: ChallengeNameType,
  session: string | undefined,
): Promise<SignInResult> {
  const step = steps[challenge];
  if (step === undefined) throw notObeyedYet(`ChallengeName ${challenge}`);
  return step(request, session);
}

async function signInByRefreshToken(request: SignInRequest): Promise<SignInResult> {
  const { services, pool, client, parameters } = request;
  const token = required(parameters, 'REFRESH_TOKEN');
  if (rotates(client)) {
    throw invalid('Refresh token rotation is enabled for this client; use GetTokensFromRefreshToken.');
  }
  // ClientMetadata does not reach it from InitiateAuth [D].
  const tokenGeneration = { source: 'TokenGeneration_RefreshTokens' as const };
  const AuthenticationResult = await refreshTokens(services, pool, client, token, tokenGeneration, (user) =>
    requireSecretHashParameter(client, parameters['SECRET_HASH'], user.username, user.sub),
  );
  return { ChallengeParameters: {}, AuthenticationResult };
}
