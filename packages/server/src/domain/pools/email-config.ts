import type { EmailConfigurationType } from '@poolkeeper/model';
import { invalid } from '../../errors.ts';
import { isOneSender } from '../../platform/sender-address.ts';
import type { PoolConfig } from './pool-config.ts';

const SES_IDENTITY = /^arn:aws[a-z-]*:ses:[a-z0-9-]+:\d{12}:identity\/([^/]+)$/;

/** Throws InvalidParameterException. */
export function emailConfigOf(given: EmailConfigurationType = {}) {
  for (const member of ['From', 'ReplyToEmailAddress'] as const) {
    const address = given[member];
    if (address !== undefined && !isOneSender(address)) {
      throw invalid(`EmailConfiguration.${member} must be one address, such as no-reply@example.com.`);
    }
  }
  const account = given.EmailSendingAccount ?? 'COGNITO_DEFAULT';
  if (given.SourceArn !== undefined) requireSenderOfIdentity(given, given.SourceArn);
  else if (account === 'DEVELOPER') {
    throw invalid('EmailConfiguration.SourceArn is required when EmailSendingAccount is DEVELOPER.');
  }
  const { From, ReplyToEmailAddress, SourceArn, ConfigurationSet } = given;
  return {
    EmailSendingAccount: account,
    ...(From !== undefined && { From }),
    ...(ReplyToEmailAddress !== undefined && { ReplyToEmailAddress }),
    ...(SourceArn !== undefined && { SourceArn }),
    ...(ConfigurationSet !== undefined && { ConfigurationSet }),
  };
}

/** The sender that a pool's mail names, bare or as `Name <address>`; undefined leaves it to the server. */
export function senderOf(config: PoolConfig): string | undefined {
  const { From, SourceArn } = config.EmailConfiguration;
  return From ?? (SourceArn === undefined ? undefined : identityOf(SourceArn));
}

const identityOf = (sourceArn: string) => SES_IDENTITY.exec(sourceArn)?.[1];

/**
 * Amazon SES sends only from the address, or the domain and its subdomains, of the identity. Other channels
 * could send from any, but a pool that works here must work there.
 */
function requireSenderOfIdentity({ From }: EmailConfigurationType, sourceArn: string): void {
  const identity = identityOf(sourceArn);
  const isAddress = identity?.includes('@') ?? false;
  if (identity === undefined || (isAddress && !isOneSender(identity))) {
    throw invalid(
      'EmailConfiguration.SourceArn must name an Amazon SES identity, such as arn:aws:ses:us-east-1:123456789012:identity/no-reply@example.com.',
    );
  }
  if (From === undefined) {
    if (isAddress) return;
    throw invalid(`EmailConfiguration.From is required: the identity ${identity} of SourceArn is a domain.`);
  }
  const allowed = identity.toLowerCase();
  const address = (/<([^<>]+)>$/.exec(From)?.[1] ?? From).toLowerCase();
  const domain = address.slice(address.lastIndexOf('@') + 1);
  if (isAddress ? address !== allowed : domain !== allowed && !domain.endsWith(`.${allowed}`)) {
    throw invalid(`EmailConfiguration.From must be an address of the identity ${identity} of SourceArn.`);
  }
}
