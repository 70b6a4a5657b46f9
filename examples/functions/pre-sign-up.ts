import type { PreSignUpTriggerHandler } from 'aws-lambda';

/** Lets in who has an address of the company, at once; everybody else must be invited. */
export const handler: PreSignUpTriggerHandler = async (event) => {
  if (event.triggerSource !== 'PreSignUp_SignUp') return event;

  const email = event.request.userAttributes['email'] ?? '';
  if (!email.endsWith('@example.com')) throw new Error('Ask for an invitation');
  event.response.autoConfirmUser = true;
  event.response.autoVerifyEmail = true;
  return event;
};
