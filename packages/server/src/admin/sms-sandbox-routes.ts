import type { FastifyInstance, FastifyReply } from 'fastify';
import {
  addNumber,
  listNumbers,
  removeNumber,
  type Sandbox,
  verify,
} from '../domain/delivery/sms-rules/sandbox.ts';
import { isSandboxLanguage, SANDBOX_LANGUAGES } from '../domain/delivery/sms-rules/sandbox-text.ts';
import { invalid } from '../errors.ts';
import { readMembers } from './read-request.ts';

const PATH = '/_poolkeeper/sms-sandbox';
interface Route {
  Params: { phoneNumber: string };
}

/**
 * The sandbox for SMS messages (`--sms-sandbox`), with the operations of Amazon SNS's. Numbers can be prepared while it
 * is off. Its one-time passwords are answered where every code is shown: in dev mode.
 */
export function smsSandboxRoutes(
  app: FastifyInstance,
  sandbox: Sandbox,
  { showsCodes }: { readonly showsCodes: boolean },
): void {
  app.get(`${PATH}/status`, async () => ({ isInSandbox: sandbox.rules.smsSandbox }));

  app.get(`${PATH}/numbers`, async () => ({ phoneNumbers: await listNumbers(sandbox) }));

  app.post(`${PATH}/numbers`, async (request, reply) => {
    const { phoneNumber, languageCode = 'en-US' } = readMembers(request, ['phoneNumber', 'languageCode']);
    if (!isSandboxLanguage(languageCode)) {
      throw invalid(`languageCode must be one of ${SANDBOX_LANGUAGES.join(', ')}.`);
    }
    const number = phoneNumberOf(phoneNumber);
    const oneTimePassword = await addNumber(sandbox, number, languageCode);
    return reply
      .code(201)
      .send({ phoneNumber: number, status: 'Pending', ...(showsCodes && { oneTimePassword }) });
  });

  app.post<Route>(`${PATH}/numbers/:phoneNumber/verify`, async (request) => {
    const { oneTimePassword } = readMembers(request, ['oneTimePassword']);
    if (typeof oneTimePassword !== 'string' || !/^\d{6}$/.test(oneTimePassword)) {
      throw invalid('oneTimePassword must be the six digits that the phone number got.');
    }
    const phoneNumber = phoneNumberOf(request.params.phoneNumber);
    await verify(sandbox, phoneNumber, oneTimePassword);
    return { phoneNumber, status: 'Verified' };
  });

  app.delete<Route>(`${PATH}/numbers/:phoneNumber`, async ({ params }, reply: FastifyReply) => {
    await removeNumber(sandbox, phoneNumberOf(params.phoneNumber));
    return reply.code(204).send();
  });
}

function phoneNumberOf(given: unknown): string {
  if (typeof given === 'string' && /^\+[1-9]\d{6,14}$/.test(given)) return given;
  throw invalid('phoneNumber must be in E.164, such as +12065550100.');
}
