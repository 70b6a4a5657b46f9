import type { Inputs, OperationName, Outputs } from '@poolkeeper/model';
import type { Services } from '../domain/services.ts';

/** One operation of the API: its input was decoded and validated against the model. Throws `ServiceError`. */
export type Operation<Name extends OperationName> = (
  services: Services,
  input: Inputs[Name],
) => Promise<Outputs[Name]>;
