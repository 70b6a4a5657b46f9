import { buildClient, CommitmentPolicy, KmsKeyringNode } from '@aws-crypto/client-node';
import type { CustomEmailSenderTriggerHandler } from 'aws-lambda';

const { decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT);
const keyring = new KmsKeyringNode({ keyIds: [process.env['KEY_ARN'] ?? ''] });

const subjects: Record<string, string> = {
  CustomEmailSender_SignUp: 'Welcome',
  CustomEmailSender_ForgotPassword: 'Your new password',
};

/** Sends Cognito's mail by a provider of one's own. */
export const handler: CustomEmailSenderTriggerHandler = async (event) => {
  if (event.triggerSource === 'CustomEmailSender_AccountTakeOverNotification') return;
  if (event.request.code === null) return;

  const { plaintext } = await decrypt(keyring, Buffer.from(event.request.code, 'base64'));
  const response = await fetch(`${process.env['MAIL_API_URL']}/send`, {
    method: 'POST',
    body: JSON.stringify({
      to: event.request.userAttributes['email'],
      subject: subjects[event.triggerSource] ?? 'Your code',
      text: `Your code is ${unescaped(plaintext.toString('utf8'))}.`,
    }),
    headers: { 'content-type': 'application/json' },
  });
  if (!response.ok) throw new Error(`The mail provider answered ${response.status}.`);
};

/** Temporary passwords come escaped for HTML, and this mail is plain text. */
function unescaped(code: string): string {
  return code.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
