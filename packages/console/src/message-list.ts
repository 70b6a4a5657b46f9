import { type Html, html } from './html.ts';
import type { InboxMessage } from './inbox-message.ts';

export const channelName = { EMAIL: 'Email', SMS: 'SMS' } as const;

/** The list, newest first; each entry shows its code, so that most visits end here. */
export function messageList(
  messages: readonly InboxMessage[],
  asked: { to: string | undefined; id: string | undefined },
): Html {
  return html`<ol id="messages" aria-label="Messages, newest first">${messages.map((message) => entry(message, asked))}</ol>`;
}

/** Changes when what is shown of a message has changed. */
export const stateOf = ({ id, status, attempts, lastError }: InboxMessage) =>
  `${id} ${status} ${attempts} ${lastError !== null}`;

function entry(message: InboxMessage, asked: { to: string | undefined; id: string | undefined }): Html {
  const { id, to, channel, subject, body, status } = message;
  const current = asked.id === id;
  return html`
<li id="m-${id}" data-version="${stateOf(message)}" data-to="${to}">
<a class="entry" href="${linkTo(id, asked.to)}"${current && html` aria-current="true"`}>
<span class="line"><strong class="to">${to}</strong>${time(message.createdAt)}</span>
<span class="subject">${subject || body}</span>
<span class="facts">${channelName[channel]} · ${status}</span>
</a>
${codeLine(message.code)}
</li>`;
}

function linkTo(id: string, to: string | undefined): string {
  const query = new URLSearchParams({ ...(to !== undefined && { to }), id });
  // The fragment brings the list back to where the reader was.
  return `/?${query}#m-${id}`;
}

/** One click selects the whole code, one on the button copies it. */
export const codeLine = (code: string): Html | false =>
  code !== '' &&
  html`<p class="code"><code>${code}</code><button type="button" class="copy" data-copy="${code}" aria-label="Copy ${code}" hidden>Copy</button></p>`;

/** In UTC; the page's script turns it into the reader's own time. */
export const time = (iso: string): Html =>
  html`<time datetime="${iso}" title="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
