/**
 * Where in the input a value stands. Made while reading, as a list of links, because it becomes text only when
 * something is wrong.
 */
export interface Path {
  readonly parent: Path | undefined;
  readonly name: string;
}

/** The service's spelling, e.g. `userAttributes.1.member.name`. */
export function pathText(parent: Path | undefined, name: string): string {
  let text = name;
  for (let step = parent; step !== undefined; step = step.parent) text = `${step.name}.${text}`;
  return text;
}

/** `ClientId` → `clientId`, `SMSMfaSettings` → `smsMfaSettings`, `CSS` → `css`. */
export function memberName(wireName: string): string {
  return wireName.replace(/^[A-Z]+(?![a-z])|^[A-Z]/, (capitals) => capitals.toLowerCase());
}
