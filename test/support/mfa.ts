import {
  AssociateSoftwareTokenCommand,
  type CreateUserPoolCommandInput,
  SetUserMFAPreferenceCommand,
  type SetUserMFAPreferenceCommandInput,
  SetUserPoolMfaConfigCommand,
  VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { Secret, TOTP } from 'otpauth';
import type { House } from './house.ts';

export type SecondFactor = 'SMS_MFA' | 'EMAIL_OTP' | 'SOFTWARE_TOKEN_MFA';

const SmsConfiguration = {
  SnsCallerArn: 'arn:aws:iam::123456789012:role/sms',
  ExternalId: 'x',
};

/** What a pool needs for MFA by email. It recovers by no address, so that none is set apart from MFA. */
const MAILING: Partial<CreateUserPoolCommandInput> = {
  EmailConfiguration: {
    EmailSendingAccount: 'DEVELOPER',
    SourceArn: 'arn:aws:ses:us-east-1:123456789012:identity/us@example.com',
  },
  AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'admin_only', Priority: 1 }] },
};

/** A pool in which MFA is ON or OPTIONAL with these factors. */
export async function createMfaPool(
  house: House,
  MfaConfiguration: 'ON' | 'OPTIONAL',
  factors: readonly SecondFactor[],
  input: Partial<CreateUserPoolCommandInput> = {},
): Promise<string> {
  const byEmail = factors.includes('EMAIL_OTP');
  const UserPoolId = await house.createPool({ ...(byEmail && MAILING), ...input });
  await setPoolFactors(house, UserPoolId, MfaConfiguration, factors);
  return UserPoolId;
}

/** Other factors for a pool; SMS stays, once a pool has it. */
export const setPoolFactors = (
  house: Pick<House, 'sdk'>,
  UserPoolId: string,
  MfaConfiguration: 'ON' | 'OPTIONAL' | 'OFF',
  factors: readonly SecondFactor[],
) =>
  house.sdk.send(
    new SetUserPoolMfaConfigCommand({
      UserPoolId,
      MfaConfiguration,
      ...(factors.includes('SMS_MFA') && { SmsMfaConfiguration: { SmsConfiguration } }),
      ...(factors.includes('SOFTWARE_TOKEN_MFA') && { SoftwareTokenMfaConfiguration: { Enabled: true } }),
      ...(factors.includes('EMAIL_OTP') && { EmailMfaConfiguration: {} }),
    }),
  );

const PERIOD = 30_000;

/** An authenticator app, by an implementation that is not the server's, on the server's clock. */
export function authenticator(house: House, secretCode: string) {
  const totp = new TOTP({ secret: Secret.fromBase32(secretCode) });
  let newest = Number.NEGATIVE_INFINITY;
  const now = async () => Date.parse(((await house.operator('clock')) as { now: string }).now);
  return {
    secretCode,
    /** A code that was not shown before: the server's clock moves on for it where it must, by half a minute. */
    async code(): Promise<string> {
      if (Math.floor((await now()) / PERIOD) <= newest) await house.advance('PT30S');
      const timestamp = await now();
      newest = Math.floor(timestamp / PERIOD);
      return totp.generate({ timestamp });
    },
    /** The code of so many steps from now on, or ago. */
    async codeIn(steps: number): Promise<string> {
      // Not at the end of a step, or the code would be one step further off when it arrives.
      if ((await now()) % PERIOD > PERIOD - 5000) await house.advance('PT5S');
      return totp.generate({ timestamp: (await now()) + steps * PERIOD });
    },
    /** Six digits that are no code of the next minutes, nor of the last. */
    async wrongCode(): Promise<string> {
      const around = new Set<string>();
      const timestamp = await now();
      for (let step = -5; step <= 5; step += 1)
        around.add(totp.generate({ timestamp: timestamp + step * PERIOD }));
      for (let digits = 0; ; digits += 1) {
        const code = String(digits).padStart(6, '0');
        if (!around.has(code)) return code;
      }
    },
  };
}
export type Authenticator = ReturnType<typeof authenticator>;

/** Sets up an authenticator app for a signed-in user; it is not switched on by that. */
export async function registerAuthenticator(
  house: House,
  AccessToken: string,
  FriendlyDeviceName?: string,
): Promise<Authenticator> {
  const { SecretCode } = await house.sdk.send(new AssociateSoftwareTokenCommand({ AccessToken }));
  const app = authenticator(house, SecretCode as string);
  const verify = { AccessToken, UserCode: await app.code(), FriendlyDeviceName };
  await house.sdk.send(new VerifySoftwareTokenCommand(verify));
  return app;
}

export const setPreference = (
  house: Pick<House, 'sdk'>,
  AccessToken: string,
  settings: Omit<SetUserMFAPreferenceCommandInput, 'AccessToken'>,
) => house.sdk.send(new SetUserMFAPreferenceCommand({ AccessToken, ...settings }));

export const ON = { Enabled: true };
export const PREFERRED = { Enabled: true, PreferredMfa: true };
export const OFF = { Enabled: false };
