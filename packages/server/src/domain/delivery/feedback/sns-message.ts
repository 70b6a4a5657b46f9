import { regionOfTopic } from '../../../config/delivery-topics.ts';

/** What Amazon SNS posts to a subscriber's URL; other members are ignored. */
export interface SnsMessage {
  readonly Type: 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';
  /** The same in every attempt to deliver it. */
  readonly MessageId: string;
  readonly TopicArn: string;
  readonly Message: string;
  readonly Subject: string | undefined;
  /** ISO 8601. */
  readonly Timestamp: string;
  readonly SignatureVersion: '1' | '2';
  readonly Signature: string;
  readonly SigningCertURL: string;
  /** Of confirmations. */
  readonly SubscribeURL: string | undefined;
  readonly Token: string | undefined;
}

const TYPES = ['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation'] as const;
const VERSIONS = ['1', '2'] as const;
/** The longest of each; a member that may hold more is bounded by the body. */
const LONGEST = {
  MessageId: 64,
  TopicArn: 512,
  Timestamp: 40,
  Signature: 1024,
  SigningCertURL: 512,
  SubscribeURL: 2048,
  Token: 1024,
  Subject: 1024,
} as const;

/** Undefined where the text is no such message. */
export function readSnsMessage(text: string): SnsMessage | undefined {
  const members = objectIn(text);
  if (members === undefined) return undefined;
  const short = (name: keyof typeof LONGEST) => {
    const value = members[name];
    return typeof value === 'string' && value.length <= LONGEST[name] ? value : undefined;
  };
  const Type = TYPES.find((type) => type === members['Type']);
  const SignatureVersion = VERSIONS.find((version) => version === members['SignatureVersion']);
  const { Message } = members;
  const [MessageId, TopicArn, Timestamp] = [short('MessageId'), short('TopicArn'), short('Timestamp')];
  const [Signature, SigningCertURL] = [short('Signature'), short('SigningCertURL')];
  const [SubscribeURL, Token, Subject] = [short('SubscribeURL'), short('Token'), short('Subject')];
  if (Type === undefined || SignatureVersion === undefined || typeof Message !== 'string') return undefined;
  if (!MessageId || !TopicArn || !Timestamp || !Signature || !SigningCertURL) return undefined;
  if (Type !== 'Notification' && (!SubscribeURL || !Token)) return undefined;
  return {
    Type,
    MessageId,
    TopicArn,
    Message,
    Subject,
    Timestamp,
    SignatureVersion,
    Signature,
    SigningCertURL,
    SubscribeURL,
    Token,
  };
}

/** What a signature is over, as "Verifying the signatures of Amazon SNS messages" has it: names in order, a line each. */
export function signedText(message: SnsMessage): string {
  const names =
    message.Type === 'Notification'
      ? (['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] as const)
      : (['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'] as const);
  return names
    .filter((name) => message[name] !== undefined)
    .map((name) => `${name}\n${message[name]}\n`)
    .join('');
}

/** The members of a JSON object; undefined where the text is none. */
export function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Undefined where the value is none. */
export const objectOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;

/**
 * A URL that a message of the topic may name: of Amazon SNS in the topic's region, and of nobody else, for the server
 * goes there. Undefined for any other.
 */
export function snsUrlOf(text: string, topicArn: string): URL | undefined {
  const region = regionOfTopic(topicArn);
  if (region === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const host = `sns.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  const plain = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '';
  return plain && url.hostname === host ? url : undefined;
}
