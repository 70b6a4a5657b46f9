import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { readDeliveryEvent } from '../domain/delivery/feedback/delivery-event.ts';
import { createSnsGet, type SnsStandIn } from '../domain/delivery/feedback/sns-get.ts';
import { createSnsSignatures } from '../domain/delivery/feedback/sns-signature.ts';
import { createSnsSubscriber } from '../domain/delivery/feedback/sns-subscriber.ts';
import { isSignedWebhook } from '../domain/delivery/feedback/standard-webhook.ts';
import { createFeedbackTaker } from '../domain/delivery/feedback/take-feedback.ts';
import type { TwilioCallbacks } from '../domain/delivery/feedback/twilio-callback.ts';
import type { Services } from '../domain/services.ts';
import type { Feedback } from '../outbox/dispatch.ts';
import type { ToldLater } from '../outbox/feedback.ts';
import { adjustableClock } from '../platform/clock.ts';

/** A message of Amazon SNS has 256 KiB at most. */
const SNS_LIMIT = 262_144;
const BODY_LIMIT = 16_384;

export type FeedbackSource = 'sns' | 'twilio' | 'events';
export type FeedbackResult = 'taken' | 'ignored' | 'refused' | 'failed';

export interface DeliveryRoutesOptions {
  /** ARNs of topics of Amazon SNS; none: there is no such route. */
  readonly topics: readonly string[];
  /** The same of webhooks. */
  readonly webhookSecrets: readonly string[];
  /** The same of Twilio's; undefined where no channel is of that kind. */
  readonly twilio: TwilioCallbacks | undefined;
  readonly log: Logger;
  /** `by` is the kind of provider. */
  onFeedback(by: 'ses' | 'eum' | 'twilio' | 'https', outcome: Feedback): void;
  onRequest(source: FeedbackSource, result: FeedbackResult): void;
  readonly snsStandIn?: SnsStandIn | undefined;
}

/** The system's own: senders sign by theirs, whatever a test makes of the server's. */
const clock = adjustableClock();

const statusOf = { taken: 200, ignored: 200, refused: 403, failed: 503 } as const;

/**
 * Where providers tell what became of messages that they accepted. Everybody may come; what is not signed is refused, and
 * who signs learns nothing of what is stored here: messages that nobody knows are answered like the others.
 */
export function deliveryRoutes(
  app: FastifyInstance,
  services: Services,
  options: DeliveryRoutesOptions,
): void {
  const { topics, webhookSecrets, twilio, onRequest } = options;

  function answer(reply: FastifyReply, source: FeedbackSource, result: FeedbackResult, error?: string) {
    onRequest(source, result);
    reply.code(error !== undefined && result === 'refused' ? 400 : statusOf[result]);
    if (result === 'failed') reply.header('retry-after', '10');
    return reply.send(error === undefined ? {} : { error });
  }

  const take = createFeedbackTaker(services);

  if (topics.length > 0) snsRoute(app, options, take, answer);
  if (webhookSecrets.length > 0) {
    app.post('/delivery/events', { bodyLimit: BODY_LIMIT }, async (request, reply) => {
      const body = bodyOf(request);
      if (!isSignedWebhook(webhookSecrets, request.headers, body, clock.now())) {
        return answer(reply, 'events', 'refused');
      }
      const told = readDeliveryEvent(body, clock.now());
      if (typeof told === 'string') return answer(reply, 'events', 'refused', told);
      if (await take(told)) options.onFeedback('https', told.outcome);
      return answer(reply, 'events', 'taken');
    });
  }
  if (twilio !== undefined) {
    app.post('/delivery/twilio', { bodyLimit: BODY_LIMIT }, async (request, reply) => {
      const told = twilio.read(bodyOf(request), request.headers['x-twilio-signature'], clock.now());
      if (told === 'refused' || told === 'ignored') return answer(reply, 'twilio', told);
      if (await take(told)) options.onFeedback('twilio', told.outcome);
      return answer(reply, 'twilio', 'taken');
    });
  }
}

function snsRoute(
  app: FastifyInstance,
  { topics, log, onFeedback, snsStandIn }: DeliveryRoutesOptions,
  take: (told: ToldLater) => Promise<boolean>,
  answer: (reply: FastifyReply, source: 'sns', result: FeedbackResult, error?: string) => FastifyReply,
): void {
  const get = createSnsGet(snsStandIn);
  const receive = createSnsSubscriber({ topics, get, log, isSigned: createSnsSignatures(get, clock.now) });
  app.post('/delivery/sns', { bodyLimit: SNS_LIMIT }, async (request, reply) => {
    const received = await receive(bodyOf(request), clock.now());
    if (typeof received === 'object') {
      if (await take(received)) onFeedback(received.by, received.outcome);
      return answer(reply, 'sns', 'taken');
    }
    if (received === 'malformed') return answer(reply, 'sns', 'refused', 'The body is no message of SNS.');
    return answer(reply, 'sns', received === 'confirmed' ? 'taken' : received);
  });
}

const bodyOf = ({ body }: FastifyRequest) => (typeof body === 'string' ? body : '');
