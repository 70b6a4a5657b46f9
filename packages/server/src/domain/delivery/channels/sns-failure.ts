import { awsFailureOf } from './aws-client.ts';
import { NotAccepted, Undeliverable } from './channel.ts';
import type { Role } from './sms-roles.ts';

/**
 * What is wrong with a number is wrong for good; what is wrong with another parameter is the
 * operator's to put right. `isElsewhere`: in another region than the channel's, which a pool asks for.
 */
export function snsFailureOf(error: unknown, role: Role | undefined, isElsewhere: boolean): Error {
  if (error instanceof NotAccepted) return error;
  const { code, passing } = awsFailureOf(error);
  const word = `SNS_${code}`;
  if (isElsewhere && code === 'ENOTFOUND') {
    return new NotAccepted("There is no Amazon SNS in the pool's SnsRegion.", word, 'sender');
  }
  if (passing) return new NotAccepted(`Amazon SNS did not take the message: ${code}.`, word);
  switch (code) {
    case 'OptedOut':
      return new Undeliverable('The number has opted out of messages from this account.', word);
    case 'InvalidParameter':
    case 'ParameterValueInvalid':
      if (/\bPhone ?Number\b/.test((error as Error).message)) {
        return new Undeliverable('Amazon SNS does not send to the number.', word);
      }
      return new NotAccepted(
        'Amazon SNS does not take the sender or the price of the message.',
        word,
        'sender',
      );
    case 'AuthorizationError':
      if (role === undefined) {
        return new NotAccepted("The server's credentials lack the permission sns:Publish.", word, 'sender');
      }
      return new NotAccepted(
        `The role ${role.arn} lacks the permission sns:Publish.`,
        word,
        'sms-role-access',
      );
    case 'NO_CREDENTIALS':
      return new NotAccepted('There are no AWS credentials.', word, 'sender');
    default:
      return new NotAccepted(`Amazon SNS refused the request: ${code}.`, word, 'sender');
  }
}
