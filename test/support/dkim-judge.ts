import { createHash, createPublicKey, createVerify } from 'node:crypto';

/**
 * Verifies the one DKIM-Signature of a message by RFC 6376, relaxed/relaxed and rsa-sha256 alone; `published` is the text of
 * the TXT record. Resolves to the tags; throws what is wrong.
 */
export function verifyDkim(source: string, published: string) {
  const end = source.indexOf('\r\n\r\n');
  const fields = source.slice(0, end).split(/\r\n(?![ \t])/);
  const signatures = fields.filter((field) => /^dkim-signature:/i.test(field));
  if (signatures.length !== 1) throw new Error(`${signatures.length} signatures`);
  const [signature] = signatures as [string];
  const tags = tagsOf(signature.slice(signature.indexOf(':') + 1));
  const record = tagsOf(published);
  if (tags['v'] !== '1' || tags['a'] !== 'rsa-sha256' || tags['c'] !== 'relaxed/relaxed') {
    throw new Error('another algorithm');
  }
  if (record['v'] !== 'DKIM1' || (record['k'] ?? 'rsa') !== 'rsa') throw new Error('another record');

  const body = relaxedBody(source.slice(end + 4));
  if (createHash('sha256').update(body, 'utf8').digest('base64') !== tags['bh'])
    throw new Error('another body');

  // Of fields that are there twice the last one comes first (§5.4.2).
  const left = fields.filter((field) => field !== signature);
  const signed = (tags['h'] ?? '').split(':').flatMap((name) => {
    const at = left.findLastIndex(
      (field) => field.slice(0, field.indexOf(':')).toLowerCase() === name.toLowerCase(),
    );
    return at === -1 ? [] : [`${relaxedField(left.splice(at, 1)[0] as string)}\r\n`];
  });
  const unsigned = signature.replace(/(\bb=)[^;]*$/, '$1');
  const key = createPublicKey({
    key: Buffer.from(record['p'] ?? '', 'base64'),
    format: 'der',
    type: 'spki',
  });
  const judge = createVerify('RSA-SHA256').update(signed.join('') + relaxedField(unsigned), 'utf8');
  if (!judge.verify(key, tags['b'] ?? '', 'base64')) throw new Error('another signature');
  return tags;
}

const tagsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split(';').flatMap((part) => {
      const at = part.indexOf('=');
      return at === -1 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).replace(/\s+/g, '')]];
    }),
  );

/** §3.4.2. */
function relaxedField(field: string): string {
  const at = field.indexOf(':');
  const value = field
    .slice(at + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${field.slice(0, at).trim().toLowerCase()}:${value}`;
}

/** §3.4.4. */
function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.length > 0 && lines.at(-1) === '') lines.pop();
  return lines.length === 0 ? '' : `${lines.join('\r\n')}\r\n`;
}
