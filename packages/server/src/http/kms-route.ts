import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerKms } from '../domain/triggers/kms/kms-endpoint.ts';
import type { LocalKms } from '../domain/triggers/kms/local-kms.ts';
import { newId } from '../platform/random.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const FROM_A_PAGE = JSON.stringify({
  __type: 'AccessDeniedException',
  message: "Dev mode's KMS does not answer web pages.",
});

/** Answers at `POST /`, where the AWS SDK of a function calls dev mode's KMS once AWS_ENDPOINT_URL_KMS is this server's URL. */
export async function kmsRequest(
  kms: LocalKms,
  target: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Buffer> {
  // Any page may call the API of user pools, whose preflight this URL answers; what it may not do is decrypt.
  const { status, body } =
    request.headers.origin === undefined
      ? await answerKms(kms, target, typeof request.body === 'string' ? request.body : '')
      : { status: 400, body: FROM_A_PAGE };
  reply.code(status).headers({ 'content-type': CONTENT_TYPE, 'x-amzn-requestid': newId() });
  return Buffer.from(body);
}
