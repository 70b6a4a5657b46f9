import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  ConfirmForgotPasswordCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  ForgotPasswordCommand,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { startPoolkeeper } from '../packages/server/src/index.ts';

/** A whole recovery, played by the real AWS SDK and a real mail server on this machine. */
const EMAIL = 'ann@example.com';
const OLD_PASSWORD = 'Winter-is-long-1';
const NEW_PASSWORD = 'Spring-is-here-2';

const say = (text: string) => console.log(text);
const show = (value: object) =>
  say(
    JSON.stringify({ ...value, $metadata: undefined }, null, 2)
      .split('\n')
      .map((line) => `    ${line}`)
      .join('\n'),
  );
/** Tokens are long and secret; their beginning is enough to see that they are there. */
const shortened = (token: string | undefined) => (token === undefined ? undefined : `${token.slice(0, 24)}…`);

const mailbox = await openMailbox();
const server = await startPoolkeeper({
  email: `smtp://127.0.0.1:${mailbox.port}?from=no-reply@example.com`,
});
say(`\nPoolkeeper answers at ${server.url}; a mailbox for ${EMAIL} is open.`);

// The only line that differs from code written for AWS is the endpoint.
const cognito = new CognitoIdentityProviderClient({
  endpoint: server.url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
});

say('\n1. CreateUserPool, CreateUserPoolClient, and a user with a verified email address');
const { UserPool: pool } = await cognito.send(
  new CreateUserPoolCommand({
    PoolName: 'demo',
    AutoVerifiedAttributes: ['email'],
    AccountRecoverySetting: { RecoveryMechanisms: [{ Priority: 1, Name: 'verified_email' }] },
  }),
);
const { UserPoolClient: client } = await cognito.send(
  new CreateUserPoolClientCommand({
    UserPoolId: pool?.Id,
    ClientName: 'demo',
    ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  }),
);
await cognito.send(
  new AdminCreateUserCommand({
    UserPoolId: pool?.Id,
    Username: 'ann',
    MessageAction: 'SUPPRESS',
    UserAttributes: [
      { Name: 'email', Value: EMAIL },
      { Name: 'email_verified', Value: 'true' },
    ],
  }),
);
await cognito.send(
  new AdminSetUserPasswordCommand({
    UserPoolId: pool?.Id,
    Username: 'ann',
    Password: OLD_PASSWORD,
    Permanent: true,
  }),
);
show({ UserPoolId: pool?.Id, ClientId: client?.ClientId, Username: 'ann' });

say('\n2. Ann has forgotten her password: ForgotPassword');
const forgot = { ClientId: client?.ClientId, Username: 'ann' };
show(forgot);
say('   answers');
show(await cognito.send(new ForgotPasswordCommand(forgot)));

say('\n3. The mail, as it arrived over SMTP');
const mail = await mailbox.next();
say(`    From:    ${mail.from?.text}\n    To:      ${EMAIL}\n    Subject: ${mail.subject}\n`);
say(`    ${mail.text?.trim()}`);
const code = /\d{6}/.exec(mail.text ?? '')?.[0];

say('\n4. ConfirmForgotPassword with the code and a new password');
const confirm = { ...forgot, ConfirmationCode: code, Password: NEW_PASSWORD };
show(confirm);
say('   answers');
show(await cognito.send(new ConfirmForgotPasswordCommand(confirm)));

say('\n5. Sign-in: the old password is dead, the new one works');
const signIn = (password: string) =>
  cognito.send(
    new InitiateAuthCommand({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: client?.ClientId,
      AuthParameters: { USERNAME: 'ann', PASSWORD: password },
    }),
  );
const refused = await signIn(OLD_PASSWORD).then(
  () => undefined,
  (error: Error) => error,
);
if (refused === undefined) throw new Error('The old password still signs in.');
say(`    ${OLD_PASSWORD}: ${refused.name}: ${refused.message}`);
const { AuthenticationResult: tokens } = await signIn(NEW_PASSWORD);
if (tokens?.AccessToken === undefined) throw new Error('The new password does not sign in.');
say(`    ${NEW_PASSWORD}:`);
show({
  AccessToken: shortened(tokens.AccessToken),
  IdToken: shortened(tokens.IdToken),
  RefreshToken: shortened(tokens.RefreshToken),
  ExpiresIn: tokens.ExpiresIn,
  TokenType: tokens.TokenType,
});

await server.close();
await mailbox.close();
say(`
That was the whole job. To keep a server running:

    npm start

It listens on http://127.0.0.1:9229, keeps its data in .poolkeeper/ and shows every message at that address in a
browser. Point any AWS SDK at it with { endpoint: 'http://127.0.0.1:9229' }.
`);

/** A real SMTP server for one address. */
async function openMailbox() {
  const arrived: ParsedMail[] = [];
  let tell = () => {};
  const smtp = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, _session, done) {
      simpleParser(stream).then((mail) => {
        arrived.push(mail);
        tell();
        done();
      }, done);
    },
  });
  smtp.listen(0, '127.0.0.1');
  await once(smtp.server, 'listening');
  return {
    port: (smtp.server.address() as AddressInfo).port,
    async next(): Promise<ParsedMail> {
      const deadline = setTimeout(() => {
        throw new Error('No mail arrived within 10 seconds.');
      }, 10_000);
      while (arrived.length === 0) await new Promise<void>((resolve) => (tell = resolve));
      clearTimeout(deadline);
      return arrived.shift() as ParsedMail;
    },
    close: () => new Promise<void>((resolve) => smtp.close(() => resolve())),
  };
}
