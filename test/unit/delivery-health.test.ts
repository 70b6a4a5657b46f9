/** When a request is told that a pool's messages cannot leave, and what no stranger can bring about. */
import { expect, test } from 'vitest';
import {
  type Cause,
  NotAccepted,
  Undeliverable,
} from '../../packages/server/src/domain/delivery/channels/channel.ts';
import { sesFailureOf } from '../../packages/server/src/domain/delivery/channels/ses-failure.ts';
import { failureOf } from '../../packages/server/src/domain/delivery/channels/smtp-failure.ts';
import { createDeliveryHealth } from '../../packages/server/src/domain/delivery/health.ts';
import type { UserPool } from '../../packages/server/src/domain/pools/user-pool.ts';
import { MINUTE } from '../../packages/server/src/platform/duration.ts';

const poolOf = (id: string, EmailConfiguration = {}) => ({ id, config: { EmailConfiguration } }) as UserPool;
const pool = poolOf('us-east-1_A');
const blaming = (cause: Cause) => new NotAccepted('It did not go.', 'WORD', cause);
type Medium = 'EMAIL' | 'SMS';

function health() {
  const time = { now: 0 };
  const { note, requireWorking } = createDeliveryHealth(() => time.now);
  return {
    time,
    note: (channel: Medium, failure?: unknown, source = 'CustomMessage_SignUp', of = pool) =>
      note(of, { channel, trigger_source: source }, failure),
    heard(channel: Medium, operation: string | undefined = 'SignUp', of = pool) {
      try {
        requireWorking(of, channel, operation);
        return 'nothing';
      } catch (error) {
        const { type, message } = error as { type: string; message: string };
        return `${type}: ${message}`;
      }
    },
  };
}

const TRUST =
  'InvalidSmsRoleTrustRelationshipException: Role does not have a trust relationship allowing Cognito to assume the role';

test.each<[Medium, Cause, string]>([
  ['SMS', 'sms-role-trust', TRUST],
  [
    'SMS',
    'sms-role-access',
    'InvalidSmsRoleAccessPolicyException: Role does not have permission to publish with SNS',
  ],
  [
    'EMAIL',
    'email-role-access',
    'InvalidEmailRoleAccessPolicyException: Role does not have permission to send with SES',
  ],
  ['EMAIL', 'sender', 'CodeDeliveryFailureException: Invalid email provided/Unable to send the email'],
])('%s and %s: what Amazon Cognito says', (medium, cause, text) => {
  const { note, heard } = health();
  expect(heard(medium)).toBe('nothing');
  note(medium, blaming(cause));
  expect(heard(medium)).toBe(text);
});

test.each<[Medium, unknown]>([
  ['EMAIL', blaming('provider')],
  ['EMAIL', blaming('recipient')],
  // A number of a country that the sender may not send to is anybody's to name.
  ['SMS', blaming('sender')],
  ['EMAIL', new Undeliverable('No such user.')],
  ['EMAIL', new Error('Something else.')],
])('of %s and %s nobody is told', (medium, failure) => {
  const { note, heard } = health();
  note(medium, failure);
  expect(heard(medium)).toBe('nothing');
});

test('is of one medium and one pool, as it is configured now', () => {
  const { note, heard } = health();
  note('EMAIL', blaming('sender'));
  expect(heard('SMS')).toBe('nothing');
  expect(heard('EMAIL', 'SignUp', poolOf('us-east-1_B'))).toBe('nothing');
  expect(heard('EMAIL', 'SignUp', poolOf('us-east-1_A', { From: 'new@example.com' }))).toBe('nothing');
  expect(heard('EMAIL')).toMatch(/^CodeDelivery/);
});

test('is forgotten a minute after the last failure, and at the first message that leaves', () => {
  const { time, note, heard } = health();
  note('EMAIL', blaming('sender'));
  time.now = MINUTE / 2;
  note('EMAIL', blaming('sender'));
  time.now = MINUTE;
  expect(heard('EMAIL')).toMatch(/^CodeDelivery/);
  time.now = 2 * MINUTE;
  expect(heard('EMAIL')).toBe('nothing');
  note('EMAIL', blaming('sender'));
  note('EMAIL');
  expect(heard('EMAIL')).toBe('nothing');
});

test('an operation that does not have the error queues its message', () => {
  const { note, heard } = health();
  note('EMAIL', blaming('sender'));
  note('SMS', blaming('sms-role-trust'));
  // RespondToAuthChallenge has the errors of roles, and not CodeDeliveryFailureException.
  expect(heard('EMAIL', 'RespondToAuthChallenge')).toBe('nothing');
  expect(heard('SMS', 'RespondToAuthChallenge')).toBe(TRUST);
  expect(heard('EMAIL', 'ConfirmSignUp')).toBe('nothing');
  expect(heard('EMAIL', 'constructor')).toBe('nothing');
});

test.each(['CustomMessage_ForgotPassword', 'CustomMessage_ResendCode', 'CustomMessage_Authentication'])(
  'whether a message of %s left changes nothing, for that would tell who exists',
  (source) => {
    const { note, heard } = health();
    note('EMAIL', blaming('sender'), source);
    expect(heard('EMAIL', 'ForgotPassword')).toBe('nothing');
    note('EMAIL', blaming('sender'));
    note('EMAIL', undefined, source);
    expect(heard('EMAIL', 'ForgotPassword')).toMatch(/^CodeDelivery/);
  },
);

test('as many pools as there are take no more room than a thousand', () => {
  const { note, heard } = health();
  for (let index = 0; index <= 1000; index += 1) {
    note('EMAIL', blaming('sender'), undefined, poolOf(`us-east-1_${index}`));
  }
  expect(heard('EMAIL', 'SignUp', poolOf('us-east-1_0'))).toBe('nothing');
  expect(heard('EMAIL', 'SignUp', poolOf('us-east-1_1'))).toMatch(/^CodeDelivery/);
});

test.each<[string, string, number, string]>([
  // What a recipient's own server says, anybody can have said.
  ['nothing', 'RCPT TO', 550, '5.7.1 go away'],
  ['nothing', 'RCPT TO', 550, '5.1.8 bad sender'],
  ['nothing', 'DATA', 550, '5.7.26 unauthenticated'],
  ['CodeDeliveryFailureException', 'MAIL FROM', 550, '5.7.1 sender not allowed'],
  ['CodeDeliveryFailureException', 'AUTH PLAIN', 535, '5.7.8 wrong'],
])('%s is told of SMTP at %s: %i %s', (told, command, responseCode, reply) => {
  const { note, heard } = health();
  const code = command.startsWith('AUTH') ? 'EAUTH' : command === 'DATA' ? 'EMESSAGE' : 'EENVELOPE';
  const response = `${responseCode} ${reply}`;
  const error = Object.assign(new Error(response), {
    code,
    command,
    responseCode,
    response,
    permanent: true,
  });
  note('EMAIL', failureOf(error, { host: 'mail.example.com', port: 587 } as never));
  expect(heard('EMAIL')).toMatch(new RegExp(`^${told}`));
});

test('nothing is told of a recipient that is not among those of the sandbox of Amazon SES', () => {
  const { note, heard } = health();
  const rejected = (identity: string) =>
    Object.assign(
      new Error(
        `Email address is not verified. The following identities failed the check in region US-EAST-1: ${identity}`,
      ),
      { name: 'MessageRejected', $metadata: { httpStatusCode: 400 } },
    );
  const mail = { to: 'Ann@example.com', from: 'codes@example.com' } as never;
  note('EMAIL', sesFailureOf(rejected('ann@example.com'), mail));
  expect(heard('EMAIL')).toBe('nothing');
  note('EMAIL', sesFailureOf(rejected('codes@example.com'), mail));
  expect(heard('EMAIL')).toMatch(/^CodeDeliveryFailureException/);
});
