import { isOperationName, operations as model, type OperationName } from '@poolkeeper/model';
import type { Services } from '../domain/services.ts';
import { internalError, operationNotSupported, ServiceError, unknownOperation } from '../errors.ts';
import type { Faults } from '../operations/faults.ts';
import { operations, unsupported } from '../operations/index.ts';
import type { Operation } from '../operations/operation.ts';
import { encodeOutput } from './encode.ts';
import { prepareReaders, readInput } from './read-input.ts';

const TARGET_PREFIX = 'AWSCognitoIdentityProviderService.';

export interface WireAnswer {
  readonly status: number;
  readonly body: string;
  readonly error?: ServiceError;
  /** Undefined where the target names none. */
  readonly operation: OperationName | undefined;
}

/** AWS JSON 1.1: one request in, one answer out; never throws. */
export interface Endpoint {
  answer(target: string | undefined, body: string): Promise<WireAnswer>;
}

export function createEndpoint(services: Services, faults: Faults | undefined): Endpoint {
  requireHandlers();
  prepareReaders();
  return {
    async answer(target, body) {
      let operation: OperationName | undefined;
      try {
        operation = operationOf(target);
        if (unsupported.has(operation)) throw operationNotSupported(operation);
        const input = readInput(operation, body);
        faults?.raise(operation);
        const handle = operations[operation] as Operation<typeof operation>;
        const output = await handle(services, input as never);
        return { status: 200, body: encodeOutput(operation, output as never), operation };
      } catch (cause) {
        const error = cause instanceof ServiceError ? cause : internalError(cause);
        return { status: error.status, body: encodeError(error), error, operation };
      }
    },
  };
}

export const encodeError = (error: ServiceError) =>
  JSON.stringify({ __type: error.type, message: error.message });

function operationOf(target: string | undefined): OperationName {
  if (target === undefined || !target.startsWith(TARGET_PREFIX)) throw unknownOperation();
  const name = target.slice(TARGET_PREFIX.length);
  if (!isOperationName(name)) throw unknownOperation();
  return name;
}

/** A model that was regenerated with new operations must not start a server that answers them with a crash. */
function requireHandlers(): void {
  const without = Object.keys(model).filter(
    (name) => typeof operations[name as OperationName] !== 'function',
  );
  if (without.length > 0) throw new Error(`Operations without a handler: ${without.join(', ')}.`);
}
