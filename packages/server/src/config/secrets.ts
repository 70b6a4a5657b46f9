import { readFile } from 'node:fs/promises';
import { ConfigError } from './config-error.ts';
import { decryptByKms } from './kms.ts';

/** What a secret can be given as; anything else is the secret itself. */
const REFERENCE = /^(?:file|kms):/;

export const isReference = (text: string) => REFERENCE.test(text);

/**
 * The secrets that a text gives, apart by white space: each of its parts is the secret itself, `file:/run/secrets/x`
 * or `kms:<base64 ciphertext>`; a file can hold several. `option` is named in errors, which never repeat a secret.
 * Throws ConfigError.
 */
export async function resolveSecrets(option: string, text: string): Promise<readonly string[]> {
  const resolved = await Promise.all(partsOf(text).map((part) => resolvePart(option, part)));
  return resolved.flatMap(partsOf);
}

/** The same where there can be one only. Throws ConfigError. */
export async function resolveSecret(option: string, text: string): Promise<string> {
  const [secret, ...others] = await resolveSecrets(option, text);
  if (secret === undefined) throw new ConfigError(`--${option} is empty.`);
  if (others.length > 0) throw new ConfigError(`--${option} holds more than one value.`);
  return secret;
}

/** What a list of URLs gives, each of which can be a secret that is only referred to. Throws ConfigError. */
export async function resolveList(
  option: string,
  given: readonly string[] | string | undefined,
): Promise<readonly string[]> {
  const entries = [given ?? []]
    .flat()
    .map((entry) => (isReference(entry) ? resolveSecrets(option, entry) : [entry]));
  return (await Promise.all(entries)).flat();
}

const partsOf = (text: string) => text.split(/\s+/).filter(Boolean);

function resolvePart(option: string, part: string): Promise<string> {
  if (part.startsWith('file:')) return contentOf(option, part.slice('file:'.length));
  if (part.startsWith('kms:')) return decryptByKms(option, part.slice('kms:'.length));
  return Promise.resolve(part);
}

async function contentOf(option: string, file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`--${option}: the file ${file} could not be read (${code}).`);
  }
  if (text.trim() === '') throw new ConfigError(`--${option}: the file ${file} is empty.`);
  return text;
}
