/** What a provider calls a message, if it looks like an id. */
export const idIn = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\w.:@/+=-]{1,128}$/.test(value) ? value : undefined;
