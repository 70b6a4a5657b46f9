import { AdminCreateUserCommand } from '@aws-sdk/client-cognito-identity-provider';
import { vi } from 'vitest';
import { attributeList } from './attributes.ts';
import type { House, Message } from './house.ts';
import { newName } from './recovery-calls.ts';
import { firstFactors } from './user-auth.ts';

/** A message with what became of it. */
export interface Told extends Message {
  readonly record: readonly { readonly outcome: string; readonly code: string | null }[];
}

/** Pools whose users have no password: an invitation by SMS costs no hash. */
export const openSmsPool = (house: House) => house.createPool(firstFactors('PASSWORD', 'SMS_OTP'));

/** Has a message sent to a number, to a user of its own; resolves to the user's name. */
export async function invite({ sdk }: Pick<House, 'sdk'>, UserPoolId: string, phoneNumber: string) {
  const Username = newName();
  await sdk.send(
    new AdminCreateUserCommand({
      UserPoolId,
      Username,
      DesiredDeliveryMediums: ['SMS'],
      UserAttributes: attributeList({ phone_number: phoneNumber, phone_number_verified: 'true' }),
    }),
  );
  return Username;
}

/** The messages of a pool, once so many have come to an end. */
export const outcomesIn = (house: House, userPoolId: string, count: number): Promise<Told[]> =>
  vi.waitFor(
    async () => {
      const path = `messages?${new URLSearchParams({ userPoolId, limit: '500' })}`;
      const { messages } = (await house.operator(path)) as { messages: Told[] };
      const ended = messages.filter(({ status }) => status !== 'queued');
      if (ended.length < count) throw new Error(`${ended.length} of ${count} messages have ended.`);
      return ended.toReversed();
    },
    { timeout: 20_000, interval: 20 },
  );

/** `sent`, or the code that each was held back for, the oldest first. */
export const fates = (messages: readonly Told[]): string[] =>
  messages.map(({ status, record }) =>
    status === 'failed' ? (record.find(({ outcome }) => outcome === 'held')?.code ?? 'failed') : status,
  );

/** Moves the clock to a time of the next day, UTC: no test begins at one day's end. */
export async function nextDayAt(house: House, hour: number): Promise<void> {
  const { now } = (await house.operator('clock')) as { now: string };
  const day = 86_400_000;
  const next = (Math.floor(Date.parse(now) / day) + 1) * day + hour * 3_600_000;
  await house.advance(`PT${Math.ceil((next - Date.parse(now)) / 1000)}S`);
}
