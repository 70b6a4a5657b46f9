/** One way to run functions. Made once for all functions that run this way. */
export interface Invoker<Target> {
  /**
   * Calls the function once with an event in JSON; resolves to its answer as it came. `patience` in milliseconds. Throws
   * `FunctionThrew` and `NotInvoked`.
   */
  invoke(target: Target, arn: string, event: string, patience: number): Promise<string>;
  close(): Promise<void>;
}
