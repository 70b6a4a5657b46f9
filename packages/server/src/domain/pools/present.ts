/** `T` with every member there; the API's own types leave each one optional. */
export type Present<T> = { [Member in keyof T]-?: NonNullable<T[Member]> };
