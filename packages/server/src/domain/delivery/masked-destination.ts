import type { CodeDeliveryDetailsType } from '@poolkeeper/model';
import type { MessageChannel } from './message.ts';

/** The attributes that a code can be sent to. */
export type AddressAttribute = 'email' | 'phone_number';

/** First letter of the name and of the domain, three stars each, whatever the length: `test@test.com` -> `t***@t***`. */
function maskEmail(address: string): string {
  const at = address.lastIndexOf('@');
  return `${firstCharacter(address)}***@${firstCharacter(address.slice(at + 1))}***`;
}

/** `+`, then a star for each digit but the last four: `+12065550008` -> `+*******0008`. */
function maskPhoneNumber(number: string): string {
  const digits = number.replace(/\D/g, '');
  return `+${'*'.repeat(Math.max(0, digits.length - 4))}${digits.slice(-4)}`;
}

const firstCharacter = (text: string) => [...text.slice(0, 2)][0] ?? '';

/** The medium that an address takes. */
export const channelOf = (attribute: AddressAttribute): MessageChannel =>
  attribute === 'email' ? 'EMAIL' : 'SMS';

export function deliveryDetails(attribute: AddressAttribute, address: string): CodeDeliveryDetailsType {
  const Destination = attribute === 'email' ? maskEmail(address) : maskPhoneNumber(address);
  return { AttributeName: attribute, DeliveryMedium: channelOf(attribute), Destination };
}
