/** A phone number that messages may go to while `--sms-sandbox` is on. */
export interface SandboxNumbersTable {
  /** E.164. */
  phone_number: string;
  status: 'Pending' | 'Verified';
  /** Of the one-time password; null once it was used or used up. */
  code_digest: Uint8Array | null;
  code_expires_at: number | null;
  /** Wrong guesses at the one-time password. */
  attempts: number;
  created_at: number;
  updated_at: number;
}
