/** Challenge sessions that were answered: what is here is not answered twice. */
export interface SpentChallengesTable {
  pool_id: string;
  id: string;
  expires_at: number;
}
