import { isOperationName, operations as model, type OperationName } from '@poolkeeper/model';
import type { LimitRate } from '../domain/limits/request-rates.ts';
import type { RequestFacts, Services } from '../domain/services.ts';
import {
  internalError,
  operationNotSupported,
  ServiceError,
  tooManyRequests,
  unknownOperation,
} from '../errors.ts';
import type { Faults } from '../operations/faults.ts';
import { operations, unsupported } from '../operations/index.ts';
import type { Operation } from '../operations/operation.ts';
import { QueueFull } from '../platform/fair-queue.ts';
import type { AdministrativeCall, Authorise } from './authorise.ts';
import { awsSdkVersionOf } from './aws-sdk-version.ts';
import { encodeOutput } from './encode.ts';
import { prepareReaders, readInput } from './read-input.ts';
import type { WireRequest } from './wire-request.ts';

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
  answer(request: WireRequest): Promise<WireAnswer>;
}

/** Without `authorise`, as in dev mode, any caller may do anything; without `limit`, as often as they like. */
export function createEndpoint(
  services: Services,
  faults: Faults | undefined,
  authorise: Authorise | undefined,
  limit?: LimitRate,
): Endpoint {
  requireHandlers();
  prepareReaders();
  return {
    async answer(request) {
      let operation: OperationName | undefined;
      let call: AdministrativeCall | undefined;
      try {
        operation = operationOf(request.target);
        call = authorise?.(operation, request);
        if (call !== undefined) await call.authenticate();
        if (unsupported.has(operation)) throw operationNotSupported(operation);
        const input = readInput(operation, request.body);
        call?.admit(input);
        limit?.(operation, input);
        faults?.raise(operation);
        const handle = operations[operation] as Operation<typeof operation>;
        const output = await handle({ ...services, request: factsOf(operation, request) }, input as never);
        const body = encodeOutput(operation, output as never);
        call?.end('ok');
        return { status: 200, body, operation };
      } catch (cause) {
        const error = errorOf(cause);
        call?.end(error.type);
        return { status: error.status, body: encodeError(error), error, operation };
      }
    },
  };
}

export const encodeError = (error: ServiceError) =>
  JSON.stringify({ __type: error.type, message: error.message });

function errorOf(cause: unknown): ServiceError {
  if (cause instanceof ServiceError) return cause;
  return cause instanceof QueueFull ? tooManyRequests() : internalError(cause);
}

const factsOf = (operation: OperationName, request: WireRequest): RequestFacts => ({
  operation,
  signed: model[operation].auth === 'sigv4',
  // Behind a proxy it is computed; few operations ask.
  get sourceIp() {
    return request.sourceIp;
  },
  get awsSdkVersion() {
    return awsSdkVersionOf(request.rawHeaders);
  },
});

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
