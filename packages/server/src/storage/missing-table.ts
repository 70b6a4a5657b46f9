/** Whether a query failed because its table is not there. */
export function isMissingTable(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === '42P01' || message.startsWith('no such table');
}
