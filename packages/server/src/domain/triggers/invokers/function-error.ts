import { FunctionThrew } from '../functions.ts';

/** Of an object in JSON that comes from a function; none for what is not one. */
export function membersIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** An error as Lambda's runtimes write it in JSON. */
export function thrownIn(text: string): FunctionThrew {
  const { errorMessage, errorType } = membersIn(text);
  return new FunctionThrew(
    typeof errorMessage === 'string' ? errorMessage : '',
    typeof errorType === 'string' ? errorType : 'Error',
  );
}
