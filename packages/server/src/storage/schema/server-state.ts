/** Facts about this database as a whole: applied migrations, the master key's fingerprint. */
export interface ServerStateTable {
  name: string;
  value: string;
}
