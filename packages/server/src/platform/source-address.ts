/** What counts as one caller, of the address that a request came from: an IPv6 caller has a whole network (/64) of them. */
export function sourceOf(ip: string): string {
  // A socket that listens on `::` tells IPv4 callers as ::ffff:10.0.0.1.
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, '');
  return address.includes(':') ? network64(address) : address;
}

function network64(ip: string): string {
  const [head = '', tail] = ip.split('::');
  const before = head.split(':').filter(Boolean);
  const after = tail?.split(':').filter(Boolean) ?? [];
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}
