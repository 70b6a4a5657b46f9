export interface SigningKeysTable {
  pool_id: string;
  /** Amazon Cognito signs ID and access tokens with a key each. */
  use: 'id' | 'access';
  kid: string;
  public_jwk: string;
  /** PKCS #8 (DER), sealed. */
  sealed_private_key: Uint8Array;
  created_at: number;
}
