import type { CreateUserPoolRequest } from '@poolkeeper/model';

type Given = Pick<
  CreateUserPoolRequest,
  | 'EmailVerificationMessage'
  | 'EmailVerificationSubject'
  | 'SmsVerificationMessage'
  | 'VerificationMessageTemplate'
>;

/**
 * The texts of verification messages. A text of the code form has two names, and DescribeUserPool shows it by both; where
 * they are given different ones, VerificationMessageTemplate goes before (terraform-provider-aws#2423, and AWS support as
 * quoted in #2425).
 */
export function verificationTexts(input: Given) {
  const template = input.VerificationMessageTemplate;
  const email = template?.EmailMessage ?? input.EmailVerificationMessage;
  const subject = template?.EmailSubject ?? input.EmailVerificationSubject;
  const sms = template?.SmsMessage ?? input.SmsVerificationMessage;
  return {
    ...(email !== undefined && { EmailVerificationMessage: email }),
    ...(subject !== undefined && { EmailVerificationSubject: subject }),
    ...(sms !== undefined && { SmsVerificationMessage: sms }),
    VerificationMessageTemplate: {
      ...template,
      ...(email !== undefined && { EmailMessage: email }),
      ...(subject !== undefined && { EmailSubject: subject }),
      ...(sms !== undefined && { SmsMessage: sms }),
      DefaultEmailOption: template?.DefaultEmailOption ?? ('CONFIRM_WITH_CODE' as const),
    },
  };
}
