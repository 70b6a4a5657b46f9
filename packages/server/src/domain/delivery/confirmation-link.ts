import type { UserPool } from '../pools/user-pool.ts';
import type { Services } from '../services.ts';
import type { OutgoingMessage } from './enqueue-message.ts';
import type { MessageKind } from './templates.ts';

export const CONFIRM_PATH = '/confirmUser';

/**
 * What a message is in its pool: links go to who signs up, by email alone. "Emails from attribute-update and
 * password-reset operations use the code template" (developer guide).
 */
export function kindIn(
  { config }: UserPool,
  { kind, purpose, channel }: Pick<OutgoingMessage, 'kind' | 'purpose' | 'channel'>,
): MessageKind {
  const confirms = kind === 'verification' && purpose === 'confirm-sign-up' && channel === 'EMAIL';
  const byLink = config.VerificationMessageTemplate.DefaultEmailOption === 'CONFIRM_WITH_LINK';
  return confirms && byLink ? 'confirmation-link' : kind;
}

/** Where a click confirms a sign-up; the parameters are Amazon Cognito's. */
export function confirmationLink(
  { publicUrl }: Pick<Services, 'publicUrl'>,
  { clientId, username, code }: { clientId: string | undefined; username: string; code: string },
): string {
  const query = new URLSearchParams({
    client_id: clientId ?? '',
    user_name: username,
    confirmation_code: code,
  });
  return `${publicUrl}${CONFIRM_PATH}?${query}`;
}
