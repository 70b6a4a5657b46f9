import { type OperationName, operations, shapes } from '@poolkeeper/model';

/**
 * The members of an operation's input that no entry of `known` covers, by itself or by a member around it; members of
 * structures as `Policies.PasswordPolicy.MinimumLength`.
 */
export function uncovered(operation: OperationName, known: ReadonlySet<string>): string[] {
  const found: string[] = [];
  const walk = (shapeName: string, path: string) => {
    const shape = shapes[shapeName];
    if (known.has(path)) return;
    if (shape?.type !== 'structure' || Object.keys(shape.members).length === 0) found.push(path);
    else
      for (const [name, target] of Object.entries(shape.members))
        walk(target, path ? `${path}.${name}` : name);
  };
  walk(operations[operation].input as string, '');
  return found;
}

/** The first members of `value` that an operation's input has: what an answer can be sent back as. */
export function asInputOf(operation: OperationName, value: object): object {
  const shape = shapes[operations[operation].input as string];
  const names = shape?.type === 'structure' ? shape.members : {};
  return Object.fromEntries(Object.entries(value).filter(([name]) => name in names));
}
