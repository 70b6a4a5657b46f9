export const PASSWORD = 'Passw0rd!before-the-fault';

/** Who is there in each round, by what they do; who signs up comes besides. */
export const CROWD = {
  forgot: { pool: 'open', count: 200 },
  race: { pool: 'open', count: 60 },
  session: { pool: 'open', count: 60 },
  guess: { pool: 'limited', count: 4 },
  probe: { pool: 'open', count: 1 },
} as const;

export const userName = (round: number, kind: string, index: number) => `r${round}-${kind}-${index}`;
export const usersOf = (round: number, kind: keyof typeof CROWD): string[] =>
  Array.from({ length: CROWD[kind].count }, (_, index) => userName(round, kind, index));
