/** A request to the endpoint as it came over HTTP. */
export interface WireRequest {
  readonly requestId: string;
  readonly method: string;
  /** Path and query, undecoded. */
  readonly url: string;
  /** `X-Amz-Target`; undefined when it is missing. */
  readonly target: string | undefined;
  /** Names and values by turns, as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly sourceIp: string;
}
