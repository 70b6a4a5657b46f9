import { type Inputs, type OperationName, operations } from '@poolkeeper/model';
import { validationFailed } from '../errors.ts';
import { type Decode, decoderOf, parseBody } from './decode.ts';
import { type Validate, Violations, validatorOf } from './validate.ts';

interface Reader {
  readonly decode: Decode;
  readonly validate: Validate | undefined;
}

const readers = new Map<OperationName, Reader>();

/**
 * The body of a request as the operation's input: a copy that holds declared members alone, within the model's
 * constraints. Throws SerializationException at wrong JSON or JSON types, else InvalidParameterException with
 * every violated constraint.
 */
export function readInput<N extends OperationName>(operation: N, body: string): Inputs[N] {
  const { decode, validate } = readerOf(operation);
  const input = decode(parseBody(body), undefined, '');
  if (validate !== undefined) {
    const violations = new Violations();
    validate(input, undefined, '', violations);
    if (violations.count > 0) throw validationFailed(violations.texts, violations.count);
  }
  return input as Inputs[N];
}

/** Builds every operation's reader now, so that no caller's request waits for it. */
export function prepareReaders(): void {
  for (const operation of Object.keys(operations)) readerOf(operation as OperationName);
}

function readerOf(operation: OperationName): Reader {
  let reader = readers.get(operation);
  if (reader === undefined) {
    const { input } = operations[operation];
    reader =
      input === null
        ? { decode: () => ({}), validate: undefined }
        : { decode: decoderOf(input), validate: validatorOf(input, false) };
    readers.set(operation, reader);
  }
  return reader;
}
