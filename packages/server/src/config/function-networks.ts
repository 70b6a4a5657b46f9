import { BlockList, isIP, isIPv6 } from 'node:net';
import { membership } from './networks.ts';

/** Addresses that are not the internet's: private, this machine, its link, shared by carriers, reserved, of groups. */
const notPublic4 = listOf('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  // Public by its number: what Azure has every machine reach its host at, beside its metadata.
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);
/** Those of IPv6 that are public are all in one network; in it are tunnels, and addresses of documents. */
const public6 = listOf('ipv6', ['2000::/3']);
const notPublic6 = listOf('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);
/** What a NAT64 has behind it is an address of IPv4 (RFC 6052). */
const NAT64 = listOf('ipv6', ['64:ff9b::/96']);

/** Whether functions may be at an address: a public one, or one in `networks`, which are in CIDR form. */
export function functionAddresses(networks: readonly string[]): (address: string) => boolean {
  const isNamed = membership(networks);
  return (address) => isIP(address) !== 0 && (isNamed(address) || isPublic(address));
}

function isPublic(address: string): boolean {
  if (!isIPv6(address)) return !notPublic4.check(address, 'ipv4');
  if (NAT64.check(address, 'ipv6')) return isPublic(lastFourBytes(address));
  return public6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6');
}

/** `64:ff9b::a00:1` -> `10.0.0.1`. */
function lastFourBytes(address: string): string {
  // The URL parser knows every way to write an address, and writes them in one.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':').slice(-2);
  return groups
    .map((group) => Number.parseInt(group || '0', 16))
    .flatMap((number) => [number >> 8, number & 0xff])
    .join('.');
}

function listOf(family: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', length] = network.split('/');
    list.addSubnet(address, Number(length), family);
  }
  return list;
}
