import { invalidSession, ServiceError, softwareTokenMissing, wrongTokenCode } from '../../errors.ts';
import { factorsOf, storeFactors } from '../mfa/factors.ts';
import { checkTotp } from '../mfa/totp.ts';
import { readSession } from './challenge-token.ts';
import { challengedUser } from './challenged-user.ts';
import { required } from './sign-in-parameters.ts';
import { proceed, type SignInRequest, type SignInResult } from './sign-in-result.ts';
import { takeAnswer } from './take-answer.ts';

/** SOFTWARE_TOKEN_MFA: what the authenticator app shows. Each code is good once, whichever session it is sent with. */
export async function answerSoftwareToken(
  request: SignInRequest,
  session: string | undefined,
): Promise<SignInResult> {
  const { services, client, parameters } = request;
  const challenge = readSession(services, client, 'SOFTWARE_TOKEN_MFA', session);
  const given = required(parameters, 'SOFTWARE_TOKEN_MFA_CODE');
  await challengedUser(request, challenge);
  return proceed(request, challenge.sub, { secondFactor: true }, async (unit, user) => {
    if (user === undefined) throw invalidSession();
    const factors = factorsOf(services, user);
    // An administrator may have removed it since the challenge.
    if (factors.token === undefined) throw softwareTokenMissing();
    const { token } = factors;
    const { lastStep } = token;
    const seed = Buffer.from(token.seed, 'base64');
    const answer = {
      challenge,
      user,
      given,
      guessesAt: 'second-factor:SOFTWARE_TOKEN_MFA',
      mayBeRecoveryCode: true,
      refusal: wrongTokenCode(),
    };
    const shown = await takeAnswer(request, unit, answer, () =>
      checkTotp(seed, given, { now: services.clock.now(), lastStep }),
    );
    if (shown instanceof ServiceError) return shown;
    if (shown === 'recovery-code') return user;
    await storeFactors(services, unit, user, { ...factors, token: { ...token, lastStep: shown.step } });
    return user;
  });
}
