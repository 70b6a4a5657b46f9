import { expect, test } from 'vitest';
import {
  openContent,
  withoutCaller,
  withoutSecrets,
} from '../../packages/server/src/domain/delivery/deliver.ts';
import { contentContext, type MessageContent } from '../../packages/server/src/domain/delivery/message.ts';
import { createKeyring } from '../../packages/server/src/platform/keyring.ts';
import type { MessageRow } from '../../packages/server/src/storage/repositories/messages.ts';

const keyring = createKeyring(Buffer.alloc(32, 7));
const content: MessageContent = {
  subject: 'Your code',
  body: 'Your code is 123456',
  code: '123456',
  purpose: 'reset-password',
  caller: { clientId: 'a-client', awsSdkVersion: 'aws-sdk-js-3.1', clientMetadata: { tenant: 'a secret' } },
};
const rowOf = (trigger_source: string): MessageRow =>
  ({
    pool_id: 'us-east-1_Pool',
    id: 'an-id',
    trigger_source,
    sealed_content: keyring.seal(contentContext('us-east-1_Pool', 'an-id'), JSON.stringify(content)),
  }) as unknown as MessageRow;

test('dev mode keeps of a message that a function sent what the inbox shows, and nothing of who had it sent', () => {
  const row = rowOf('CustomEmailSender_ForgotPassword');
  const { caller, ...shown } = content;
  expect(openContent(keyring, { ...row, sealed_content: withoutCaller(keyring, row) })).toEqual(shown);
});

test('production keeps its subject alone', () => {
  const row = rowOf('CustomSMSSender_Authentication');
  const kept = openContent(keyring, { ...row, sealed_content: withoutSecrets(keyring, row) });
  expect(kept).toEqual({ subject: 'Your code', body: '', code: '' });
});

test('a message of a channel stays as it is', () => {
  const row = rowOf('CustomMessage_ForgotPassword');
  expect(withoutCaller(keyring, row)).toBe(row.sealed_content);
});
