/** Told of every batch of a copy. */
export type OnRows = (table: string, rows: number) => void;
