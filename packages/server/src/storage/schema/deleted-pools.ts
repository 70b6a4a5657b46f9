/** User pools that are gone for everybody, and whose rows are still being removed. */
export interface DeletedPoolsTable {
  pool_id: string;
  deleted_at: number;
}
