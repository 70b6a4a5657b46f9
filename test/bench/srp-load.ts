import { srpClient } from './srp-client.ts';
import { signInBySrp } from './srp-sign-in.ts';

/** SRP sign-ins, eight at a time, for some seconds. Arguments: URL, seconds, client id, pool id, password. */
const [url, seconds, clientId, poolId, password] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];

const started = performance.now();
const latencies: number[] = [];
await Promise.all(
  Array.from({ length: 8 }, async (_, index) => {
    const client = await srpClient();
    while (performance.now() - started < Number(seconds) * 1000) {
      const begun = performance.now();
      await signInBySrp(url, client, { poolId, clientId, password }, `srp-${index}`);
      latencies.push(performance.now() - begun);
    }
  }),
);
latencies.sort((a, b) => a - b);
const at = (quantile: number) => latencies[Math.floor(latencies.length * quantile)] ?? 0;
console.log(
  JSON.stringify({
    perSecond: (latencies.length * 1000) / (performance.now() - started),
    p50: at(0.5),
    p99: at(0.99),
  }),
);
