import { Agent, request } from 'node:http';

export interface Answer {
  /** 0 where none came. */
  readonly status: number;
  /** The name of the error, such as CodeMismatchException; of a connection that failed, its code. */
  readonly error: string;
  readonly json: Record<string, unknown>;
}

/** Longer than a server takes to give up on a database that does not answer. */
const PATIENCE = 45_000;
const agent = new Agent({ keepAlive: true, maxSockets: 256, timeout: PATIENCE });

/** One request of the API, as it is on the wire, and never a second time. */
export function call(url: string, operation: string, input: object): Promise<Answer> {
  return post(url, JSON.stringify(input), {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
  });
}

/** One request of the operator's API. */
export const operator = (url: string, path: string, json: object): Promise<Answer> =>
  post(`${url}/_poolkeeper/${path}`, JSON.stringify(json), { 'content-type': 'application/json' });

function post(url: string, body: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve) => {
    const none = (error: NodeJS.ErrnoException) =>
      resolve({ status: 0, error: error.code ?? error.message, json: {} });
    const sent = request(url, { method: 'POST', agent, headers, timeout: PATIENCE }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', none);
      response.on('end', () => resolve(answerOf(response.statusCode ?? 0, text)));
    });
    sent.on('timeout', () => sent.destroy(new Error('NO ANSWER')));
    sent.on('error', none);
    sent.end(body);
  });
}

function answerOf(status: number, text: string): Answer {
  try {
    const json = JSON.parse(text) as Record<string, unknown>;
    return { status, error: status === 200 ? '' : String(json['__type'] ?? status), json };
  } catch {
    // Cut off in the middle: whatever it was going to say, it was not heard.
    return { status: 0, error: 'CUT OFF', json: {} };
  }
}
