/** The Amazon Cognito user pools API as types and as data. */
import { operations } from './generated/table.ts';
import type { OperationName } from './generated/types.ts';

export { operations, shapes } from './generated/table.ts';
export type * from './generated/types.ts';
export type * from './shape.ts';

export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(operations, name);
}
