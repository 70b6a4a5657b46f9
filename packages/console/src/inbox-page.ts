import { createHash } from 'node:crypto';
import { firstMessage, noMatch } from './first-message.ts';
import { type Html, html, raw } from './html.ts';
import type { InboxMessage } from './inbox-message.ts';
import { keepUpToDate } from './keep-up-to-date.ts';
import { messageList, stateOf } from './message-list.ts';
import { messageView } from './message-view.ts';
import { style } from './style.ts';

export interface InboxPage {
  /** Newest first. */
  readonly messages: readonly InboxMessage[];
  /** The ETag of this state: the page asks for another one. */
  readonly version: string;
  /** How many messages are listed at most. */
  readonly listed: number;
  /** The address that is asked for, if any. */
  readonly to: string | undefined;
  /** The message to show; without it the newest is shown. */
  readonly id: string | undefined;
  /** The URL and region for AWS SDKs. */
  readonly endpoint: string;
  readonly region: string;
}

const script = `(${keepUpToDate.toString()})()`;
const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * The page's Content-Security-Policy. A mail is shown in a frame that inherits it, so styles and pictures are those
 * that a mail reader would show; scripts are the page's own alone.
 */
export const inboxPolicy = [
  "default-src 'none'",
  `script-src ${hashOf(script)}`,
  "style-src 'unsafe-inline'",
  'img-src https: data:',
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const mark = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
<rect width="32" height="32" rx="8" fill="#0b7285"/><g fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round">
<path d="M6 13c3.3-3 6.7-3 10 0s6.7 3 10 0"/><path d="M6 20c3.3-3 6.7-3 10 0s6.7 3 10 0" opacity=".6"/></g></svg>`;
const icon = `data:image/svg+xml,${encodeURIComponent(mark)}`;

/** The whole document: works without JavaScript, and with it keeps itself up to date. */
export function inboxPage(page: InboxPage): string {
  const { messages, to, id } = page;
  const count = messages.length === page.listed ? `${page.listed} newest` : `${messages.length}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${messages.length > 0 && `(${messages.length}) `}Inbox · Poolkeeper</title>
<link rel="icon" href="${icon}">
<style>${raw(style)}</style>
</head>
<body data-version="${page.version}" class="${id !== undefined && 'chosen'}">
<header>
<a class="brand" href="/">${raw(mark)}<span>Poolkeeper</span></a>
<p id="state" role="status"></p>
<noscript><a href="">Reload</a></noscript>
</header>
<main>
<div class="bar">
<h1>Inbox <span id="count">${count}</span></h1>
<form action="/" role="search">
<label for="to">Address</label>
<input id="to" name="to" type="search" value="${to}" placeholder="alice@example.com" autocomplete="off" spellcheck="false">
<button>Show</button>
</form>
<button id="clear" type="button" hidden>Delete all</button>
</div>
<div class="panes">
${messageList(messages, page)}
<section id="message" aria-label="Message" ${version(page)}>${shownMessage(page)}</section>
</div>
</main>
<script>${raw(script)}</script>
</body>
</html>
`.markup;
}

const chosen = ({ messages, id }: InboxPage) =>
  id === undefined ? messages[0] : messages.find((message) => message.id === id);

/** Changes when what the message's pane shows has changed. */
function version(page: InboxPage): Html {
  const message = chosen(page);
  return html`data-version="${message && stateOf(message)}"`;
}

function shownMessage(page: InboxPage): Html {
  const message = chosen(page);
  if (message !== undefined) return messageView(message, page);
  if (page.id !== undefined) {
    return html`<div class="guide"><h2>This message is gone</h2>
<p>It was deleted, or newer ones have taken its place. <a href="/">All messages</a></p></div>`;
  }
  return page.to === undefined ? firstMessage(page) : noMatch(page.to);
}
