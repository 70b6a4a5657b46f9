import type { OperationName } from '@poolkeeper/model';
import { injectedFault } from '../errors.ts';

export interface Fault {
  readonly operation: OperationName;
  /** The error's shape name; 500 for InternalErrorException and InternalServerException, else 400. */
  readonly error: string;
  readonly times: number;
}

/** Errors that a test has ordered for the next answers of an operation (dev mode). */
export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** Throws the fault that is due, if any. */
  raise(operation: OperationName): void;
}

export function createFaults(): Faults {
  const due = new Map<OperationName, Fault>();
  return {
    add: (fault) => due.set(fault.operation, fault),
    clear: () => due.clear(),
    raise(operation) {
      const fault = due.get(operation);
      if (fault === undefined) return;
      if (fault.times <= 1) due.delete(operation);
      else due.set(operation, { ...fault, times: fault.times - 1 });
      throw injectedFault(fault.error);
    },
  };
}
