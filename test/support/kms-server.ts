import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

interface Asked {
  target: string;
  region: string | undefined;
  input: { KeyId: string; EncryptionContext: Record<string, string>; NumberOfBytes?: number };
}

/** A KMS that is not the server's own: one key, whose ARN it answers whatever it is called by. */
export async function openKms(KeyId: string) {
  const key = randomBytes(32);
  const asked: Asked[] = [];
  let failure: string | undefined;
  const bound = (context: object) => Buffer.from(JSON.stringify(Object.entries(context).sort()));
  function seal(plaintext: Buffer, context: object): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(bound(context));
    const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
  }
  function open(text: string, context: object): Buffer {
    const blob = Buffer.from(text, 'base64');
    const cipher = createDecipheriv('aes-256-gcm', key, blob.subarray(0, 12)).setAAD(bound(context));
    cipher.setAuthTag(blob.subarray(12, 28));
    return Buffer.concat([cipher.update(blob.subarray(28)), cipher.final()]);
  }
  const server = createServer(async (request, response) => {
    const input = (await json(request)) as Asked['input'] & { CiphertextBlob: string };
    const target = String(request.headers['x-amz-target']);
    const region = /\/([a-z0-9-]+)\/kms\/aws4_request/.exec(request.headers.authorization ?? '')?.[1];
    asked.push({ target, region, input });
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    const answer = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
    if (failure !== undefined) return answer(400, { __type: failure, message: 'What only KMS says.' });
    const { EncryptionContext = {}, NumberOfBytes = 32 } = input;
    if (target === 'TrentService.Decrypt') {
      const Plaintext = open(input.CiphertextBlob, EncryptionContext).toString('base64');
      return answer(200, { KeyId, Plaintext });
    }
    const plaintext = randomBytes(NumberOfBytes);
    const CiphertextBlob = seal(plaintext, EncryptionContext);
    return answer(200, { KeyId, CiphertextBlob, Plaintext: plaintext.toString('base64') });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    /** Refuses everything from now on. */
    fail: (type: string | undefined) => {
      failure = type;
    },
    [Symbol.dispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
