import type { Behaviour, ProviderRequest } from './provider-server.ts';

/** What a request of the query protocol says. */
export const formOf = ({ body }: ProviderRequest) => Object.fromEntries(new URLSearchParams(body));

const xml = (body: string, status = 200): Behaviour => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body,
});

export const queryError = (status: number, code: string, message = 'What only AWS says.'): Behaviour =>
  xml(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
    status,
  );

export const published = (messageId: string): Behaviour =>
  xml(
    `<PublishResponse><PublishResult><MessageId>${messageId}</MessageId></PublishResult></PublishResponse>`,
  );

/** Session credentials, the access key being `ASIA` and a number of one's own. */
export const assumed = (number: number, expiresAt: number): Behaviour =>
  xml(
    `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA${number}</AccessKeyId><SecretAccessKey>secret${number}</SecretAccessKey><SessionToken>token${number}</SessionToken><Expiration>${new Date(expiresAt).toISOString()}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  );

export const callerIs = (arn: string): Behaviour =>
  xml(
    `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${arn}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`,
  );

export const sandboxStatus = (isInSandbox: boolean): Behaviour =>
  xml(
    `<GetSMSSandboxAccountStatusResponse><GetSMSSandboxAccountStatusResult><IsInSandbox>${isInSandbox}</IsInSandbox></GetSMSSandboxAccountStatusResult></GetSMSSandboxAccountStatusResponse>`,
  );

export const smsAttributes = (attributes: Readonly<Record<string, string>>): Behaviour =>
  xml(
    `<GetSMSAttributesResponse><GetSMSAttributesResult><attributes>${Object.entries(attributes)
      .map(([key, value]) => `<entry><key>${key}</key><value>${value}</value></entry>`)
      .join('')}</attributes></GetSMSAttributesResult></GetSMSAttributesResponse>`,
  );

/** Who signed a request, and for where: `{ key: 'ASIA1', region: 'us-east-1', service: 'sns' }`. */
export function signerOf({ headers }: ProviderRequest) {
  const scope = /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\//.exec(headers.authorization ?? '');
  return { key: scope?.[1], region: scope?.[2], service: scope?.[3] };
}
