import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import type { OperationName } from '@poolkeeper/model';
import * as own from '../../packages/client/src/index.ts';

type Call = (client: own.Client, request: unknown, options: own.CallOptions) => Promise<own.Answer<object>>;

/** The function of `@poolkeeper/client` for an operation. */
export function functionOf(name: OperationName): Call {
  const functions = own as unknown as Readonly<Record<string, Call>>;
  return functions[name.charAt(0).toLowerCase() + name.slice(1)] as Call;
}

/**
 * `@poolkeeper/client` in the clothes of the AWS SDK: what is sent through it goes through our functions, and what comes back
 * looks as the SDK has it. So tests that were written for the one hold for the other.
 */
export function ownClientAsSdk(endpoint: string): CognitoIdentityProviderClient {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = { endpoint, attempts: 1, sign: own.sigV4({ region: 'us-east-1', credentials }) };
  const send = async (command: object & { input?: unknown }, options?: { abortSignal?: AbortSignal }) => {
    const name = command.constructor.name.replace(/Command$/, '') as OperationName;
    try {
      const answer = await functionOf(name)(client, command.input, { signal: options?.abortSignal });
      const { httpStatus: httpStatusCode, requestId, ...output } = answer;
      return { ...output, $metadata: { httpStatusCode, requestId, attempts: 1, totalRetryDelay: 0 } };
    } catch (error) {
      if (!own.isServiceError(error)) throw error;
      const { httpStatus: httpStatusCode, requestId } = error;
      const $fault = httpStatusCode < 500 ? 'client' : 'server';
      throw Object.assign(error, { $fault, $metadata: { httpStatusCode, requestId } });
    }
  };
  return { send, destroy() {} } as unknown as CognitoIdentityProviderClient;
}
