/** Operation output to JSON text. */
import { type OperationName, type Outputs, operations, type Shape, shapes } from '@poolkeeper/model';

type Encode = (value: unknown) => unknown;

const encoders = new Map<string, Encode>();

/**
 * The output as the wire has it: times as epoch seconds with milliseconds, bytes as base64, absent members left
 * out. Only declared members leave, so a handler that returns more than it should gives nothing away.
 */
export function encodeOutput<N extends OperationName>(operation: N, output: Outputs[N]): string {
  const { output: shapeName } = operations[operation];
  return shapeName === null ? '{}' : JSON.stringify(encoderOf(shapeName)(output));
}

function encoderOf(shapeName: string): Encode {
  let encode = encoders.get(shapeName);
  if (encode === undefined) {
    const shape = shapes[shapeName];
    if (shape === undefined) throw new Error(`The model has no shape ${shapeName}.`);
    encode = build(shape);
    encoders.set(shapeName, encode);
  }
  return encode;
}

const asIs: Encode = (value) => value;

function build(shape: Shape): Encode {
  switch (shape.type) {
    case 'structure':
      return shape.document ? asIs : structure(shape.members);
    case 'list': {
      const encode = encoderOf(shape.member);
      return encode === asIs ? asIs : (value) => (value as readonly unknown[]).map(encode);
    }
    case 'map': {
      const encode = encoderOf(shape.value);
      if (encode === asIs) return asIs;
      return (value) =>
        Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, encode(item)]));
    }
    case 'timestamp':
      return seconds;
    case 'blob':
      return (value) => Buffer.from(value as Uint8Array).toString('base64');
    default:
      return asIs;
  }
}

function structure(shape: Readonly<Record<string, string>>): Encode {
  // In the order of their names, as Amazon Cognito's answers have them.
  const members = Object.keys(shape)
    .toSorted()
    .map((name) => ({ name, encode: encoderOf(shape[name] as string) }));
  return (value) => {
    const whole = value as Readonly<Record<string, unknown>>;
    const result: Record<string, unknown> = {};
    for (const { name, encode } of members) {
      const item = whole[name];
      if (item !== undefined && item !== null) result[name] = encode(item);
    }
    return result;
  };
}

function seconds(value: unknown): number {
  const time = (value as Date).getTime();
  if (Number.isNaN(time)) throw new RangeError('An output holds an invalid date.');
  return time / 1000;
}
