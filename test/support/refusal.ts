/** What a call is refused with, as the SDK shows it: `UserNotFoundException: User does not exist.` */
export async function refusal(call: Promise<unknown>): Promise<string> {
  let answer: unknown;
  try {
    answer = await call;
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
  throw new Error(`The call was accepted: ${JSON.stringify(answer)}`);
}
