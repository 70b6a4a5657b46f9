/** What the numbering plans tell of a phone number. */
export interface Destination {
  /** ISO 3166; undefined for numbers of none, such as those of satellites and of films (+1 555). */
  readonly country: string | undefined;
  /** Whether calls or messages to it may cost by the call, or it is nobody's telephone. */
  readonly isCostly: boolean;
}

/** What a pump has its messages sent to where it can. */
const COSTLY: ReadonlySet<string> = new Set([
  'PREMIUM_RATE',
  'SHARED_COST',
  'VOIP',
  'PERSONAL_NUMBER',
  'PAGER',
  'UAN',
  'VOICEMAIL',
]);

/** By the whole number and not its calling code alone: +1 is 25 countries, and +7 two. */
export async function destinationOf(phoneNumber: string): Promise<Destination> {
  // Most servers send no SMS messages, and the plans take 12 MB; these have the exact patterns of each country.
  const { parsePhoneNumberFromString } = await import('libphonenumber-js/max');
  const number = parsePhoneNumberFromString(phoneNumber);
  return { country: number?.country, isCostly: COSTLY.has(number?.getType() ?? '') };
}
