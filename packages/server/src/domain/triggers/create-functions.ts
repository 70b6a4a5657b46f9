import { type Functions, type Invocation, NotInvoked } from './functions.ts';

export function createFunctions(): Functions {
  const recent: Invocation[] = [];
  return {
    targetOf: () => undefined,
    invoke: async () => {
      throw new NotInvoked('ResourceNotFoundException', { passing: false });
    },
    note: (invocation) => void recent.unshift(invocation),
    recent: () => recent,
    usualDuration: () => 0,
    close: async () => {},
  };
}
