/** `verify:` is followed by the attribute's name. */
export type CodePurpose = 'reset-password' | 'confirm-sign-up' | `verify:${string}`;

/** One live code a user and purpose: the newest. */
export interface CodesTable {
  pool_id: string;
  sub: string;
  purpose: CodePurpose;
  /** Keyed hash of the code. */
  digest: Uint8Array;
  /** The attribute whose address the code was sent to. */
  attribute: string;
  expires_at: number;
}
