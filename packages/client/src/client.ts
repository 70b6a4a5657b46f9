/** Where operations are called, and how: a plain object, `{ endpoint: 'http://127.0.0.1:9229' }`. */
export interface Client {
  /** URL of a Poolkeeper server, or `https://cognito-idp.<region>.amazonaws.com`. */
  readonly endpoint: string | URL;
  /** Milliseconds to wait for an answer before rejecting with a `TimeoutError`; 30 000 by default. */
  readonly timeout?: number | undefined;
  /** How often a request is sent at most while the service throttles it (and has not carried it out); 3 by default. */
  readonly attempts?: number | undefined;
  /** Used in place of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Signs administrators' operations: what `sigV4` makes. */
  readonly sign?: Signer | undefined;
}

/** What holds for one call alone. */
export interface CallOptions {
  /** Gives up on the answer when it aborts; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** An operation's output beside what HTTP says of it. */
export type Answer<Output> = (Output extends Record<string, never> ? unknown : Output) & {
  readonly httpStatus: number;
  readonly requestId?: string;
};

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers all headers to send: those of the request and what it adds. */
export type Signer = (request: HttpRequest) => Promise<Readonly<Record<string, string>>>;
