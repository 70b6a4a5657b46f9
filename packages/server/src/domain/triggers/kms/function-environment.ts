import { namesAwsCredentials } from '../../../config/aws-credentials.ts';

/**
 * What a function in a file finds in its environment, so that its AWS SDK has this server decrypt the codes that it
 * encrypted. The SDK signs what it sends, and so it needs credentials, whichever.
 */
export function kmsEnvironment(
  url: string,
  own: NodeJS.ProcessEnv = process.env,
): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL_KMS: url,
    ...(!namesAwsCredentials(own) && {
      AWS_ACCESS_KEY_ID: 'poolkeeper',
      AWS_SECRET_ACCESS_KEY: 'poolkeeper',
    }),
  };
}
