import { type Html, html } from './html.ts';
import type { InboxMessage } from './inbox-message.ts';
import { channelName, codeLine, time } from './message-list.ts';

/** One message with all that is known of it, shown as its reader would see it. */
export function messageView(message: InboxMessage, asked: { to: string | undefined }): Html {
  const { channel, to, username, subject, status, attempts, sentAt } = message;
  const back = asked.to === undefined ? '/' : `/?${new URLSearchParams({ to: asked.to })}`;
  const tries = attempts > 1 ? `${status} after ${attempts} attempts` : status;
  return html`<article aria-labelledby="subject">
<a class="back" href="${back}">All messages</a>
<h2 id="subject">${subject || `${channelName[channel]} to ${to}`}</h2>
${codeLine(message.code)}
${message.lastError !== null && html`<p class="error">The last attempt failed: ${message.lastError}</p>`}
${channel === 'EMAIL' ? mail(message) : html`<p class="sms">${message.body}</p>`}
${channel === 'EMAIL' && confirmationLink(message)}
<dl>
${fact('To', to)}
${fact('Channel', channelName[channel])}
${fact('Status', tries)}
${fact('Created', time(message.createdAt))}
${sentAt !== null && sentAt !== message.createdAt && fact('Sent', time(sentAt))}
${fact('Username', username)}
${username !== message.sub && fact('sub', message.sub)}
${fact('User pool', message.userPoolId)}
${fact('Trigger', message.triggerSource)}
${message.feedback !== null && fact('Feedback', message.feedback)}
${message.record.length > 0 && fact('Record', record(message.record))}
</dl>
</article>`;
}

const fact = (name: string, value: Html | string): Html => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

const record = (lines: InboxMessage['record']): Html =>
  html`<ol>${lines.map(
    ({ at, channel, outcome, code, providerId }) =>
      html`<li>${time(at)} ${[outcome, code, channel, providerId].filter(Boolean).join(' · ')}</li>`,
  )}</ol>`;

/** How mail readers show HTML that says nothing of its looks. */
const MAIL_STYLE =
  '<!doctype html><meta charset="utf-8"><style>body{font:16px/1.5 system-ui,sans-serif;margin:16px;color:#1b1f24;overflow-wrap:anywhere}</style>';

/**
 * An empty `sandbox` is the strictest: no scripts, forms or popups, and an origin of its own. Nobody outside can
 * measure what is in there, so the frame's height is an estimate that the reader can drag.
 */
function mail({ body, to }: InboxMessage): Html {
  return html`<iframe class="mail" sandbox="" title="Mail to ${to}" style="height:${heightOf(body)}px" srcdoc="${MAIL_STYLE + body}"></iframe>`;
}

/** The frame of the mail opens no links, so the one that confirms a sign-up is repeated outside of it. */
function confirmationLink({ body }: InboxMessage): Html | false {
  const href = /<a href="(https?:\/\/[^"]*\/confirmUser\?[^"]*)"/.exec(body)?.[1]?.replaceAll('&amp;', '&');
  return (
    href !== undefined &&
    html`<p><a href="${href}" target="_blank" rel="noopener noreferrer">Open the confirmation link</a></p>`
  );
}

function heightOf(body: string): number {
  const blocks = body.match(/<(?:br|p|div|tr|li|h[1-6]|hr)\b/gi)?.length ?? 0;
  const lines = Math.ceil(body.replace(/<[^<>]*>/g, '').length / 70);
  return Math.min(64 + 28 * (blocks + lines), 560);
}
