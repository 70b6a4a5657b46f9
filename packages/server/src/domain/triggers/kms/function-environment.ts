/** What tells the AWS SDKs where credentials are; one of them is enough. */
const CREDENTIALS = [
  'AWS_ACCESS_KEY_ID',
  'AWS_PROFILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
];

/**
 * What a function in a file finds in its environment, so that its AWS SDK has this server decrypt the codes that it
 * encrypted. The SDK signs what it sends, and so it needs credentials, whichever.
 */
export function kmsEnvironment(
  url: string,
  own: NodeJS.ProcessEnv = process.env,
): Readonly<Record<string, string>> {
  const signs = CREDENTIALS.some((name) => own[name] !== undefined);
  return {
    AWS_ENDPOINT_URL_KMS: url,
    ...(!signs && { AWS_ACCESS_KEY_ID: 'poolkeeper', AWS_SECRET_ACCESS_KEY: 'poolkeeper' }),
  };
}
