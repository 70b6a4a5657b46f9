import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';
import type { Target } from './measure.ts';

/**
 * The load, in a process (and on a core) of its own: 64 connections, each with its own list of users in turn.
 * Arguments: URL, seconds, file with `{ clientId, names }`. Prints one line of JSON.
 */
const [url, seconds, file] = process.argv.slice(2) as [string, string, string];
const { clientId, names } = JSON.parse(readFileSync(file, 'utf8')) as Target;
const CONNECTIONS = 64;
const headers = {
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': 'AWSCognitoIdentityProviderService.ForgotPassword',
};
const share = Math.floor(names.length / CONNECTIONS);
let connection = 0;

const result = await autocannon({
  url,
  connections: CONNECTIONS,
  duration: Number(seconds),
  method: 'POST',
  headers,
  setupClient(client) {
    const first = connection * share;
    connection += 1;
    client.setRequests(
      names.slice(first, first + share).map((name) => ({
        method: 'POST' as const,
        path: '/',
        headers,
        body: JSON.stringify({ ClientId: clientId, Username: name }),
      })),
    );
  },
});
console.log(
  JSON.stringify({
    requestsPerSecond: result.requests.average,
    p50: result.latency.p50,
    p99: result.latency.p99,
    total: result['2xx'],
    failed: result.non2xx + result.errors + result.timeouts,
  }),
);
