/**
 * The users of a large pool, each made from its number alone: nothing is kept, and any of them can be asked for later.
 * Subs are spread as random ones are; user names have ten digits, so that pgbench can draw them.
 */
const GIVEN = names(
  'ada ann ben carl dana emil emma erik eva finn frida georg greta hana hugo ida ingo iris ivan jana jens joan jonas julia karl kate kim klara lara lars lea lena leo lily lisa luca lucy marc maria max mia mila nils nina noah nora olaf olga otto paul pia rosa ruth sam sara sofia sven tara theo tim tina tom ute vera',
);
const FAMILY = names(
  'adler arnold bach baker bauer beck berg braun busch clark cook engel ernst evans fischer frank fuchs green haas hahn hall heinz hill horn huber hughes jones jung kaiser keller klein koch kraus lang lewis lopez lutz maier martin meyer moore moser nagel otto perez peters pohl reed richter roth sauer scott simon smith stein thomas vogel wagner walker weber white winter wolf young',
);

function names(text: string): readonly string[] {
  const list = text.split(' ');
  if (list.length !== 64) throw new Error(`64 names are needed, not ${list.length}.`);
  return list;
}

export const usernameOf = (index: number) => String(1_000_000_000 + index);
export const nameOf = (index: number) =>
  `${capital(GIVEN[index & 63])} ${capital(FAMILY[(index >> 6) & 63])}`;
export const emailOf = (index: number) =>
  `${GIVEN[index & 63]}.${FAMILY[(index >> 6) & 63]}.${usernameOf(index).slice(1)}@example.com`;
const capital = (word = '') => word.charAt(0).toUpperCase() + word.slice(1);

/** Of a hundred users 3 never confirmed, one has a temporary password, one must reset theirs; of 200 one is disabled. */
export function statusOf(index: number) {
  const place = index % 100;
  if (place < 95) return 'CONFIRMED';
  return place < 98 ? 'UNCONFIRMED' : place === 98 ? 'FORCE_CHANGE_PASSWORD' : 'RESET_REQUIRED';
}
export const enabledOf = (index: number) => (index % 200 === 150 ? 0 : 1);
/** Who may recover and sign in. */
export const isOrdinary = (index: number) => statusOf(index) === 'CONFIRMED' && enabledOf(index) === 1;

export const attributesOf = (index: number) =>
  JSON.stringify({ email: emailOf(index), email_verified: 'true', name: nameOf(index) });

/** The first ten hexadecimal digits, by which the users of a step can be sorted before they are made. */
export const subPrefixOf = (index: number) => mix(index, 1) * 256 + (mix(index, 2) >>> 24);

export function subOf(index: number): string {
  const hex = [1, 2, 3, 4].map((lane) => mix(index, lane).toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** 32 bits that look random (the finalizer of MurmurHash3). */
function mix(index: number, lane: number): number {
  let hash = (Math.imul(index, 0x9e3779b1) + Math.imul(lane, 0x85ebca77)) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Every user of `from` up to `to`, in the order of their emails and names. */
export function* byName(from: number, to: number): Generator<number[]> {
  for (const given of order(GIVEN)) {
    for (const family of order(FAMILY)) {
      const group: number[] = [];
      const place = family * 64 + given;
      for (let index = from + ((place - (from % 4096) + 4096) % 4096); index < to; index += 4096) {
        group.push(index);
      }
      yield group;
    }
  }
}

const order = (list: readonly string[]) =>
  [...list.keys()].sort((a, b) => ((list[a] as string) < (list[b] as string) ? -1 : 1));
