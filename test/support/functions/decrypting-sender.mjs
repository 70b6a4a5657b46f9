// A custom sender as users write it: the AWS Encryption SDK opens the code with the key that the environment names, and
// nothing here knows of the server. What it found goes to the test with the event; see ../functions.ts.
import { buildClient, CommitmentPolicy, KmsKeyringNode } from '@aws-crypto/client-node';
import { handler as record } from './recorder.mjs';

const { decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT);
const keyring = new KmsKeyringNode({ generatorKeyId: process.env.KEY_ID, keyIds: [process.env.KEY_ARN] });

export const handler = async (event, context) => {
  const { code } = event.request;
  if (code === null) return record({ ...event, opened: null }, context);
  const { plaintext, messageHeader } = await decrypt(keyring, Buffer.from(code, 'base64'));
  const opened = { code: plaintext.toString('utf8'), context: messageHeader.encryptionContext };
  return record({ ...event, opened }, context);
};
