import type { DeliveryMediumType } from '@poolkeeper/model';
import { type App, extrasOf, type FlowOptions, hashFor } from './app.ts';
import { confirmForgotPassword, forgotPassword } from './generated/operations.ts';
import { answerValue } from './value.ts';

/** A recovery whose code is on its way. A plain value: it may wait in a session's storage while the user reads mail. */
export interface Recovery {
  readonly username: string;
  /** Where the code was sent, masked: `a***@e***`. */
  readonly destination: string;
  readonly medium: DeliveryMediumType;
  /** `email` or `phone_number`. */
  readonly attribute: string;
}

/**
 * Sends a code to a verified address of the user. An app client that prevents user existence errors answers alike for
 * users who do not exist. Rejects as `forgotPassword` does.
 */
export async function startRecovery(app: App, username: string, options?: FlowOptions): Promise<Recovery> {
  const { CodeDeliveryDetails = {} } = await forgotPassword(
    app,
    await asked(app, username, options),
    options,
  );
  const { Destination = '', DeliveryMedium = 'EMAIL', AttributeName = 'email' } = CodeDeliveryDetails;
  const recovery = { username, destination: Destination, medium: DeliveryMedium, attribute: AttributeName };
  return answerValue(recovery, { username: 's' });
}

/**
 * Sets the new password with the code. After `CodeMismatchException` or `InvalidPasswordException` the same recovery can be
 * finished again; after `ExpiredCodeException` it is to be started again.
 */
export async function finishRecovery(
  app: App,
  { username }: Recovery,
  { code, password }: { readonly code: string; readonly password: string },
  options?: FlowOptions,
): Promise<void> {
  const request = { ...(await asked(app, username, options)), ConfirmationCode: code, Password: password };
  await confirmForgotPassword(app, request, options);
}

/** What both steps say. */
const asked = async (app: App, username: string, options?: FlowOptions) => ({
  ClientId: app.clientId,
  Username: username,
  SecretHash: await hashFor(app, username),
  ...extrasOf(options),
});
