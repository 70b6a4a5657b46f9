/**
 * Prints what a page would load for the same job by @poolkeeper/client, the AWS SDK and Amplify: bundled for browsers,
 * minified, in bytes, and what gzip makes of it. Exits with 1 when one of ours passes its limit, or carries what it was not asked
 * for.
 */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundle } from './bundle.ts';

const root = join(import.meta.dirname, '..');
const OWN = join(root, 'packages/client/src/index.ts');
const SDK = '@aws-sdk/client-cognito-identity-provider';
const AMPLIFY = '@aws-amplify/auth';

interface Entry {
  readonly job: string;
  readonly by: string;
  readonly code: string;
  /** Bytes of gzip. */
  readonly limit?: number;
  /** What must not be found in it. */
  readonly without?: RegExp;
}

const others = /AdminCreateUser|ListUsers|SetUserPoolMfaConfig|require\(|from"node:/;
const amplify = (names: string) =>
  `import { Amplify } from '@aws-amplify/core'; import { ${names} } from '${AMPLIFY}';
   import { cognitoUserPoolsTokenProvider } from '${AMPLIFY}/cognito';
   export const configure = (config) => Amplify.configure(config, { Auth: { tokenProvider: cognitoUserPoolsTokenProvider } });
   export { ${names} };`;

const entries: readonly Entry[] = [
  {
    job: 'recovery',
    by: '@poolkeeper/client',
    code: `export { forgotPassword, confirmForgotPassword, isServiceError } from '${OWN}';`,
    limit: 2500,
    without: new RegExp(`${others.source}|PASSWORD_VERIFIER|AWS4-HMAC`),
  },
  {
    job: 'recovery, requests as values',
    by: '@poolkeeper/client',
    code: `export { forgotPassword, confirmForgotPassword, newForgotPassword, newConfirmForgotPassword, isServiceError } from '${OWN}';`,
    limit: 2500,
    without: new RegExp(`${others.source}|PASSWORD_VERIFIER|AWS4-HMAC`),
  },
  {
    job: 'recovery',
    by: SDK,
    code: `export { CognitoIdentityProviderClient, ForgotPasswordCommand, ConfirmForgotPasswordCommand } from '${SDK}';`,
  },
  { job: 'recovery', by: 'aws-amplify/auth', code: amplify('resetPassword, confirmResetPassword') },
  {
    job: 'recovery and sign-in by SRP',
    by: '@poolkeeper/client',
    code: `export { startRecovery, finishRecovery, signIn, answerChallenge, refreshTokens, isServiceError } from '${OWN}';`,
    limit: 8000,
    without: others,
  },
  {
    job: 'recovery and sign-in (no SRP in it)',
    by: SDK,
    code: `export { CognitoIdentityProviderClient, ForgotPasswordCommand, ConfirmForgotPasswordCommand, InitiateAuthCommand, RespondToAuthChallengeCommand, GetTokensFromRefreshTokenCommand } from '${SDK}';`,
  },
  {
    job: 'recovery and sign-in by SRP',
    by: 'aws-amplify/auth',
    code: amplify('resetPassword, confirmResetPassword, signIn, confirmSignIn, fetchAuthSession'),
  },
  { job: 'everything', by: '@poolkeeper/client', code: `export * from '${OWN}';` },
];

const failures: string[] = [];
const rows: string[][] = [];
for (const { job, by, code, limit, without } of entries) {
  const text = await bundle(code, { platform: 'browser', minify: true });
  const zipped = gzipSync(text, { level: 9 }).length;
  rows.push([job, by, String(text.length), String(zipped), limit === undefined ? '' : String(limit)]);
  if (limit !== undefined && zipped > limit)
    failures.push(`${job}: ${zipped} bytes are ${zipped - limit} too many.`);
  const stranger = without?.exec(text)?.[0];
  if (stranger !== undefined) failures.push(`${job}: it carries ${stranger}, which it was not asked for.`);
}

const table = [['job', 'by', 'minified', 'gzip', 'limit'], ...rows];
const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
for (const row of table) {
  console.log(
    row
      .map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  '),
  );
}
for (const failure of failures) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
