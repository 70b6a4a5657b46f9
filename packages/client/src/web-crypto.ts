import { type Bytes, utf8 } from './bytes.ts';

/** HMAC-SHA256 of the parts, one after the other; texts count as UTF-8. */
export async function hmac(key: Bytes | string, ...parts: readonly (Bytes | string)[]): Promise<Bytes> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', bytesOf([key]), algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, bytesOf(parts)));
}

/** SHA-256 of the parts, one after the other; texts count as UTF-8. */
export async function sha256(...parts: readonly (Bytes | string)[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytesOf(parts)));
}

function bytesOf(parts: readonly (Bytes | string)[]): Bytes {
  const arrays = parts.map((part) => (typeof part === 'string' ? utf8(part) : part));
  const whole = new Uint8Array(arrays.reduce((length, array) => length + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    whole.set(array, at);
    at += array.length;
  }
  return whole;
}
