/** Writes the list of common passwords that the server ships, out of the package that keeps it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dictionary } from '@zxcvbn-ts/language-common';
import { fingerprintOf, packFingerprints } from '../packages/server/src/domain/passwords/fingerprints.ts';

const passwords = dictionary['passwords-common'];
const packed = packFingerprints(passwords.map(fingerprintOf));
const file = join(import.meta.dirname, '../packages/server/src/domain/passwords/common-passwords-list.ts');
writeFileSync(
  file,
  `/**
 * Made by \`npm run common-passwords\` from ${passwords.length} passwords of @zxcvbn-ts/language-common: MIT licence,
 * Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc., Copyright (c) 2021 @zxcvbn-ts. Not to be edited.
 */
export const COMMON_PASSWORDS: string =
  '${packed}';
`,
);
console.log(`Wrote ${passwords.length} passwords in ${packed.length} characters.`);
