/** Bytes as texts and back. Nothing here is secret-dependent in time beyond the length. */

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

/** What Web Crypto takes: bytes of a buffer that no other thread shares. */
export type Bytes = Uint8Array<ArrayBuffer>;

export const base64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));

/** Throws `InvalidCharacterError` for what is no Base64. */
export const fromBase64 = (text: string): Bytes =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
