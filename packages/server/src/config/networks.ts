import { BlockList, isIP, isIPv4 } from 'node:net';
import { ConfigError } from './config-error.ts';

/** A network in CIDR form (`10.0.0.0/8`, `fd00::/8`); a bare address is a network of one. Throws ConfigError. */
export function networkOf(option: string, text: string): string {
  const [address = '', prefix, ...rest] = text.split('/');
  const longest = { 0: undefined, 4: 32, 6: 128 }[isIP(address)];
  const length = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : undefined;
  if (longest === undefined || length === undefined || length > longest || rest.length > 0) {
    throw new ConfigError(`--${option} must be a network such as 10.0.0.0/8 or fd00::/8, not ${text}.`);
  }
  // It is one bit's slip from believing everybody, and is never meant.
  if (length === 0)
    throw new ConfigError(`--${option} ${text} is everybody: name the networks that are meant.`);
  return `${address}/${length}`;
}

/** Whether an address, as a socket tells it, is in one of the networks. */
export function membership(networks: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', length] = network.split('/');
    list.addSubnet(address, Number(length), familyOf(address));
  }
  return (text) => {
    // A socket that listens on `::` tells IPv4 callers as ::ffff:10.0.0.1.
    const address = text?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
    return isIP(address) !== 0 && list.check(address, familyOf(address));
  };
}

const familyOf = (address: string) => (isIPv4(address) ? 'ipv4' : 'ipv6');
