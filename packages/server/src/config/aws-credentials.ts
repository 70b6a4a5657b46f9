/** What tells the AWS SDKs where credentials are; one of them is enough. */
const CREDENTIALS = [
  'AWS_ACCESS_KEY_ID',
  'AWS_PROFILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
];

/** Whether an environment says that there are credentials for AWS. */
export const namesAwsCredentials = (environment: NodeJS.ProcessEnv): boolean =>
  CREDENTIALS.some((name) => environment[name] !== undefined);
