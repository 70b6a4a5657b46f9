import type { UserMigrationTriggerHandler } from 'aws-lambda';

interface Person {
  email: string;
  name: string;
}

/** Takes users over from another directory: with their password when they sign in, without when they forgot it. */
export const handler: UserMigrationTriggerHandler = async (event) => {
  const person =
    event.triggerSource === 'UserMigration_Authentication'
      ? await ask('sign-in', { username: event.userName, password: event.request.password })
      : await ask('look-up', { username: event.userName });
  // Nobody there either: Cognito goes on as for any unknown user.
  if (person === undefined) return event;

  event.response.userAttributes = { email: person.email, email_verified: 'true', name: person.name };
  event.response.messageAction = 'SUPPRESS';
  if (event.triggerSource === 'UserMigration_Authentication') event.response.finalUserStatus = 'CONFIRMED';
  return event;
};

async function ask(question: string, body: object): Promise<Person | undefined> {
  const response = await fetch(`${process.env['DIRECTORY_URL']}/${question}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error('Bad password');
  return (await response.json()) as Person;
}
