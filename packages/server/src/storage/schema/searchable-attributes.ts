/** The attributes that ListUsers filters by, so that a filter is an index range and not a scan. */
export interface SearchableAttributesTable {
  pool_id: string;
  name: string;
  value: string;
  sub: string;
}
