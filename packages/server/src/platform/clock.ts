/** Milliseconds since the epoch, UTC. Everything that expires asks this and nothing else. */
export interface Clock {
  now(): number;
}

export interface AdjustableClock extends Clock {
  /** How far it is from the system's time, ms. */
  offset(): number;
  advance(milliseconds: number): void;
  reset(): void;
}

/** The system's time plus an offset that tests move (dev mode); with no offset it is the system's time. */
export function adjustableClock(): AdjustableClock {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    offset: () => offset,
    advance: (milliseconds) => {
      offset += milliseconds;
    },
    reset: () => {
      offset = 0;
    },
  };
}
