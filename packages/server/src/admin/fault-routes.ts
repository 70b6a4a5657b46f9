import { isOperationName, operations } from '@poolkeeper/model';
import type { FastifyInstance } from 'fastify';
import { invalid } from '../errors.ts';
import type { Faults } from '../operations/faults.ts';
import { integerIn, readMembers } from './read-request.ts';

const MOST_TIMES = 1000;
/** The API's own errors, and the one that every AWS service answers when it throttles. */
const errorNames = new Set([
  ...Object.values(operations).flatMap(({ errors }) => errors as readonly string[]),
  'ThrottlingException',
]);

/** Lets tests order errors: the next `times` answers of an operation. A new order replaces the operation's last one. */
export function faultRoutes(app: FastifyInstance, faults: Faults): void {
  app.post('/_poolkeeper/faults', (request, reply) => {
    const { operation, error, times = 1 } = readMembers(request, ['operation', 'error', 'times']);
    if (typeof operation !== 'string' || !isOperationName(operation)) {
      throw invalid('operation must be the name of an operation, such as ForgotPassword.');
    }
    if (typeof error !== 'string' || !errorNames.has(error)) {
      throw invalid("error must be the name of one of the API's errors, such as TooManyRequestsException.");
    }
    faults.add({ operation, error, times: integerIn('times', times, 1, MOST_TIMES) });
    return reply.code(204).send();
  });

  app.delete('/_poolkeeper/faults', (_, reply) => {
    faults.clear();
    return reply.code(204).send();
  });
}
