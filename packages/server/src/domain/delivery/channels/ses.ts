import type { SESv2Client } from '@aws-sdk/client-sesv2';
import { clientOptions, PATIENCE, patiently, sharedParts } from './aws-client.ts';
import { type Mail, type MailChannel, NotAccepted } from './channel.ts';
import { requirePackages } from './channel-url.ts';
import type { ChannelOptions } from './email-channel.ts';
import { asciiAddress, mailboxOf, requireOneAddress } from './mailbox.ts';
import { idIn } from './provider-id.ts';
import { checkSes, checkSesOfPool } from './ses-check.ts';
import { sesFailureOf } from './ses-failure.ts';
import { readSesUrl, regionFor, type SesPlace } from './ses-url.ts';

/** How long the request that stores a pool waits, ms. */
const PATIENCE_OF_REQUEST = 5_000;

export type SesSdk = typeof import('@aws-sdk/client-sesv2');

/** Amazon SES in the regions that pools name; loaded when it is first asked for anything. */
export interface Ses {
  readonly sdk: SesSdk;
  clientIn(region: string): SESv2Client;
}

/** Amazon SES, by its API v2; see `readSesUrl` for what a URL can say. Throws ConfigError. */
export function createSesChannel(url: string, { mode, patience = PATIENCE }: ChannelOptions): MailChannel {
  const place = readSesUrl(url, mode);
  const { region, from } = place;
  requirePackages('--email ses://', ['@aws-sdk/client-sesv2']);
  let loading: ReturnType<typeof load> | undefined;
  const loaded = () => {
    loading ??= load(place);
    return loading;
  };

  return {
    name: `ses:${region}`,
    async send(mail) {
      requireOneAddress(mail.to);
      const sender = mail.from ?? from;
      if (sender === undefined) {
        throw new NotAccepted(
          'Neither the pool nor --email ses:// names a sender: add from=.',
          'NO_SENDER',
          'sender',
        );
      }
      let id: string | undefined;
      try {
        id = await patiently(patience, async (abortSignal) => {
          const { sdk, clientIn } = await loaded();
          const client = clientIn(regionFor(mail.sourceArn, place));
          const command = new sdk.SendEmailCommand(inputOf(mail, sender, place));
          return (await client.send(command, { abortSignal })).MessageId;
        });
      } catch (error) {
        throw sesFailureOf(error, mail);
      }
      // The SDK takes every answer of status 200 for a success, a proxy's page included.
      if (id === undefined) throw new NotAccepted('Amazon SES answered without a MessageId.', 'SES_ANSWER');
      return { providerId: idIn(id) };
    },
    check: () => checkSes(loaded, place, patience),
    checkPool: ({ EmailConfiguration }) =>
      checkSesOfPool(loaded, place, EmailConfiguration, Math.min(patience, PATIENCE_OF_REQUEST)),
    async close() {
      const ses = await loading?.catch(() => undefined);
      ses?.destroy();
    },
  };
}

async function load({ region, endpoint }: SesPlace) {
  const sdk = await import('@aws-sdk/client-sesv2');
  const own = new sdk.SESv2Client(clientOptions({ region, endpoint }));
  const parts = sharedParts(own);
  return {
    sdk,
    clientIn: (place: string) =>
      new sdk.SESv2Client({ ...clientOptions({ region: place, endpoint }), ...parts }),
    destroy: () => own.destroy(),
  };
}

/**
 * Amazon SES makes the MIME of it, with both parts; it takes a Message-ID from nobody, so ours has a header of its own,
 * and tags, which its events repeat.
 */
function inputOf(mail: Mail, sender: string, place: SesPlace) {
  const { id, poolId, to, replyTo, subject, text, html, sourceArn } = mail;
  const configurationSet = mail.configurationSet ?? place.configurationSet;
  return {
    FromEmailAddress: mailboxOf(sender),
    ...(sourceArn !== undefined && { FromEmailAddressIdentityArn: sourceArn }),
    Destination: { ToAddresses: [asciiAddress(to)] },
    ...(replyTo !== undefined && { ReplyToAddresses: [mailboxOf(replyTo)] }),
    Content: {
      Simple: {
        // A header has one line.
        Subject: utf8(subject.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')),
        Body: { Text: utf8(text), Html: utf8(html) },
        Headers: [
          // No "out of office" in return (RFC 3834).
          { Name: 'Auto-Submitted', Value: 'auto-generated' },
          { Name: 'X-Poolkeeper-Message-Id', Value: id },
        ],
      },
    },
    EmailTags: [
      { Name: 'poolkeeper-message', Value: id },
      { Name: 'poolkeeper-pool', Value: poolId },
    ],
    ...(configurationSet !== undefined && { ConfigurationSetName: configurationSet }),
  };
}

const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });
