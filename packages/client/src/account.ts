import type { GetUserRequest, GetUserResponse } from '@poolkeeper/model';
import { type CallOptions, call } from './call.ts';

/** The signed-in user's name and attributes. Rejects with `NotAuthorizedException`. */
export function getUser(options: CallOptions, input: GetUserRequest): Promise<GetUserResponse> {
  return call(options, 'GetUser', input);
}
