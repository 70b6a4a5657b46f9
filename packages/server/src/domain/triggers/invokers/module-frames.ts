/**
 * What a server and the process of a module say to each other, over one socket: a letter, the length of what follows as
 * 4 bytes, and then that. The process runs code of others, so nothing it sends is taken on trust.
 */
export type FrameKind = keyof typeof kinds;

const kinds = {
  /** To the process: a `Task` in JSON. */
  task: 'T',
  /** From it: the answer, as JSON. */
  answer: 'A',
  /** From it: the function failed, as `FunctionError` in JSON. */
  error: 'E',
  /** From it: the same, and that it ends. */
  end: 'X',
  /** From it: the path of a file that the module consists of. */
  file: 'F',
} as const;

const kindOf = new Map<string, FrameKind>(
  Object.entries(kinds).map(([kind, letter]) => [letter, kind as FrameKind]),
);

export interface Task {
  readonly requestId: string;
  readonly arn: string;
  /** Milliseconds that the caller waits. */
  readonly patience: number;
  readonly event: string;
}

/** As the Lambda runtime for Node.js writes it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

const HEADER = 5;

export function frame(kind: FrameKind, text: string): Buffer {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(HEADER + length);
  bytes.write(kinds[kind], 0, 'latin1');
  bytes.writeUInt32BE(length, 1);
  bytes.write(text, HEADER);
  return bytes;
}

/**
 * Takes what comes in, in pieces as they come, and tells `onFrame` of each whole frame. Answers false, and takes nothing
 * more, once something came that is no frame, or one of more than `most` bytes.
 */
export function frameReader(most: number, onFrame: (kind: FrameKind, text: string) => void) {
  let pieces: Buffer[] = [];
  let held = 0;
  let broken = false;
  /** What is held, in one piece, where there is as much of it as asked for. */
  const first = (bytes: number): Buffer | undefined => {
    if (held < bytes) return undefined;
    if ((pieces[0]?.length ?? 0) < bytes) pieces = [Buffer.concat(pieces)];
    return pieces[0];
  };
  return (piece: Buffer): boolean => {
    if (broken) return false;
    pieces.push(piece);
    held += piece.length;
    for (let header = first(HEADER); header !== undefined; header = first(HEADER)) {
      const kind = kindOf.get(header.toString('latin1', 0, 1));
      const length = header.readUInt32BE(1);
      broken = kind === undefined || length > most;
      if (kind === undefined || broken) {
        pieces = [];
        return false;
      }
      const whole = first(HEADER + length);
      if (whole === undefined) return true;
      const text = whole.toString('utf8', HEADER, HEADER + length);
      pieces[0] = whole.subarray(HEADER + length);
      held -= HEADER + length;
      onFrame(kind, text);
    }
    return true;
  };
}
