import { ConfigError } from './config-error.ts';

/** The region of a topic of Amazon SNS; undefined where the text is no ARN of one. */
export const regionOfTopic = (arn: string): string | undefined =>
  /^arn:aws[a-z-]*:sns:([a-z0-9-]{3,32}):\d{12}:[\w-]{1,256}(?:\.fifo)?$/.exec(arn)?.[1];

/** The topics whose messages are believed once their signature is good. Throws ConfigError. */
export function deliveryTopicsOf(given: readonly string[] | string | undefined): readonly string[] {
  const topics = [given ?? []].flat();
  const stranger = topics.find((arn) => regionOfTopic(arn) === undefined);
  if (stranger !== undefined) {
    throw new ConfigError(
      `--delivery-topics must be the ARN of a topic of Amazon SNS, such as arn:aws:sns:us-east-1:123456789012:bounces, not ${stranger}.`,
    );
  }
  return topics;
}
