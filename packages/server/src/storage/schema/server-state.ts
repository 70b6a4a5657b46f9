/** Facts about this database as a whole: applied migrations, the wrapped data key, the marks of copies. */
export interface ServerStateTable {
  name: string;
  value: string;
}
