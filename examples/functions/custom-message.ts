import type { CustomMessageTriggerHandler } from 'aws-lambda';

/** Shapes the mail of a forgotten password, in the language that the app names in ClientMetadata. */
export const handler: CustomMessageTriggerHandler = async (event) => {
  if (event.triggerSource !== 'CustomMessage_ForgotPassword') return event;

  const { codeParameter, userAttributes, clientMetadata } = event.request;
  const name = escapeHtml(userAttributes['given_name'] ?? 'there');
  if (clientMetadata?.['language'] === 'de') {
    event.response.emailSubject = 'Ihr neues Passwort';
    event.response.emailMessage = `<p>Hallo ${name}, Ihr Code ist <b>${codeParameter}</b>.</p>`;
    event.response.smsMessage = `Ihr Code ist ${codeParameter}.`;
  } else {
    event.response.emailSubject = 'Your new password';
    event.response.emailMessage = `<p>Hello ${name}, your code is <b>${codeParameter}</b>.</p>`;
    event.response.smsMessage = `Your code is ${codeParameter}.`;
  }
  return event;
};

/** Attributes are what users typed. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
