import type { Channel } from './channel.ts';

/** The channel that `--email` URLs describe, the later ones standing in for the earlier; undefined without any. */
export function createEmailChannel(_urls: readonly string[]): Channel | undefined {
  return undefined;
}
