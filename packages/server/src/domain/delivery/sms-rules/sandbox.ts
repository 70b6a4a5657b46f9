import { timingSafeEqual } from 'node:crypto';
import {
  attemptLimitExceeded,
  oneTimePasswordWrong,
  sandboxNumberNotFound,
  sandboxNumberVerified,
  smsNotSent,
  smsNumberRefused,
  tooManySandboxNumbers,
} from '../../../errors.ts';
import { codeOf, textOf } from '../../../outbox/delivery-failure.ts';
import { HOUR, MINUTE } from '../../../platform/duration.ts';
import { newCode, newOrderedId } from '../../../platform/random.ts';
import { claimAttempts, countAttempt } from '../../../storage/repositories/attempts.ts';
import { ALL_POOLS } from '../../../storage/repositories/day-counts.ts';
import {
  countGuessAtNumber,
  deleteSandboxNumber,
  findSandboxNumber,
  listSandboxNumbers,
  putPendingNumber,
  verifyNumber,
} from '../../../storage/repositories/sandbox-numbers.ts';
import type { Unit } from '../../../storage/unit.ts';
import type { Services } from '../../services.ts';
import type { WaysOut } from '../ways-out.ts';
import { senderTo } from './countries.ts';
import { destinationOf } from './destination.ts';
import { Held } from './held.ts';
import type { SmsRules } from './rules.ts';
import { type SandboxLanguage, sandboxText } from './sandbox-text.ts';

const LIFETIME = 15 * MINUTE;
/** As many as Amazon SNS's sandbox holds. */
const MOST_NUMBERS = 10;
const MOST_GUESSES = 5;
const MOST_SENT_AN_HOUR = 5;

/** What the operations of the sandbox work with. */
export interface Sandbox {
  readonly services: Services;
  readonly waysOut: Pick<WaysOut, 'sms'>;
  readonly rules: SmsRules;
}

export interface SandboxNumber {
  readonly phoneNumber: string;
  readonly status: 'Pending' | 'Verified';
}

export async function listNumbers({ services }: Sandbox): Promise<SandboxNumber[]> {
  const rows = await services.storage.read((unit) => listSandboxNumbers.all(unit, {}));
  return rows.map(({ phone_number: phoneNumber, status }) => ({ phoneNumber, status }));
}

/**
 * Sends a number a one-time password, which proves within 15 minutes that its owner has it; any before it is void.
 * Resolves to it. An operator waits for the provider, and is told what it says; the caps of the day do not count it.
 */
export async function addNumber(
  sandbox: Sandbox,
  phoneNumber: string,
  language: SandboxLanguage,
): Promise<string> {
  const { services, rules } = sandbox;
  const { clock, keyring, storage } = services;
  const sender = await senderOrRefusal(rules, phoneNumber);
  const oneTimePassword = newCode();
  const now = clock.now();
  const expiresAt = now + LIFETIME;
  await storage.write(async (unit) => {
    await requireRoomFor(unit, phoneNumber, now);
    const digest = digestOf(keyring, phoneNumber, oneTimePassword);
    await putPendingNumber.run(unit, { phoneNumber, digest, expiresAt, now });
  });
  await send(sandbox, { to: phoneNumber, expiresAt, text: sandboxText(language, oneTimePassword), sender });
  return oneTimePassword;
}

/** Throws VerificationException: of five guesses at a one-time password the last one may be right. */
export async function verify(
  { services }: Sandbox,
  phoneNumber: string,
  oneTimePassword: string,
): Promise<void> {
  const { clock, keyring, storage } = services;
  const now = clock.now();
  const isRight = await storage.write(async (unit) => {
    const number = await findSandboxNumber.first(unit, { phoneNumber });
    if (number === undefined) throw sandboxNumberNotFound();
    const { code_digest: digest, code_expires_at: expiresAt, attempts } = number;
    if (digest === null || (expiresAt ?? 0) <= now || attempts >= MOST_GUESSES) return false;
    if (timingSafeEqual(digest, digestOf(keyring, phoneNumber, oneTimePassword))) {
      await verifyNumber.run(unit, { phoneNumber, now });
      return true;
    }
    await countGuessAtNumber.run(unit, { phoneNumber, attempts: attempts + 1, now });
    return false;
  });
  // Not thrown inside: the guess stays counted.
  if (!isRight) throw oneTimePasswordWrong();
}

export async function removeNumber({ services }: Sandbox, phoneNumber: string): Promise<void> {
  const removed = await services.storage.write((unit) => deleteSandboxNumber.run(unit, { phoneNumber }));
  if (removed === 0) throw sandboxNumberNotFound();
}

const digestOf = (keyring: Services['keyring'], phoneNumber: string, oneTimePassword: string) =>
  keyring.digest('code', `sms-sandbox/${phoneNumber}/${oneTimePassword}`);

async function senderOrRefusal({ smsCountries }: SmsRules, phoneNumber: string): Promise<string | undefined> {
  try {
    return senderTo(smsCountries, await destinationOf(phoneNumber));
  } catch (error) {
    throw error instanceof Held ? smsNumberRefused(error.message) : error;
  }
}

async function requireRoomFor(unit: Unit, phoneNumber: string, now: number): Promise<void> {
  const counted = { poolId: ALL_POOLS, windowEnd: now + HOUR };
  // One addition goes after the other, or two could both be the tenth.
  await claimAttempts.first(unit, { ...counted, sub: 'sms-sandbox', action: 'add-number' });
  const numbers = await listSandboxNumbers.all(unit, {});
  const known = numbers.find(({ phone_number }) => phone_number === phoneNumber);
  if (known?.status === 'Verified') throw sandboxNumberVerified();
  if (known === undefined && numbers.length >= MOST_NUMBERS) throw tooManySandboxNumbers(MOST_NUMBERS);
  const sent = await countAttempt.first(unit, { ...counted, now, sub: phoneNumber, action: 'sms-sandbox' });
  if ((sent?.count ?? 0) > MOST_SENT_AN_HOUR) throw attemptLimitExceeded();
}

async function send(
  { services, waysOut }: Sandbox,
  message: { to: string; expiresAt: number; text: string; sender: string | undefined },
): Promise<void> {
  if (waysOut.sms === undefined) throw smsNotSent('NO_CHANNEL', 'No channel for SMS is configured.');
  const id = newOrderedId(services.clock.now());
  try {
    await waysOut.sms.send({ ...message, id, poolId: '', config: undefined });
  } catch (error) {
    throw smsNotSent(codeOf(error), textOf(error));
  }
}
