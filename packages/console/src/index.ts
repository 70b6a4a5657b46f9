/** What an operator sees of a Poolkeeper server in the browser. */
export type { InboxMessage } from './inbox-message.ts';
export { type InboxPage, inboxPage, inboxPolicy } from './inbox-page.ts';
