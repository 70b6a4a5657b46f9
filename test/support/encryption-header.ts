/** The header of a message of the AWS Encryption SDK (message format version 1), read by its published layout. */
export interface EncryptionHeader {
  version: number;
  type: number;
  algorithm: number;
  context: Record<string, string>;
  keys: { provider: string; info: string; length: number }[];
  contentType: number;
  frameLength: number;
}

export function readEncryptionHeader(message: Buffer): EncryptionHeader {
  let at = 0;
  const bytes = (length: number) => {
    at += length;
    return message.subarray(at - length, at);
  };
  const number = (length: number) => bytes(length).readUIntBE(0, length);
  const field = () => bytes(number(2));
  const version = number(1);
  const type = number(1);
  const algorithm = number(2);
  bytes(16);
  const contextEnd = number(2) + at;
  const context: Record<string, string> = {};
  for (let left = number(2); left > 0; left -= 1) context[field().toString()] = field().toString();
  if (at !== contextEnd) throw new Error('The encryption context is of another length than it says.');
  const keys = [];
  for (let left = number(2); left > 0; left -= 1) {
    keys.push({ provider: field().toString(), info: field().toString(), length: field().length });
  }
  const contentType = number(1);
  bytes(5);
  return { version, type, algorithm, context, keys, contentType, frameLength: number(4) };
}
