import type { FastifyInstance } from 'fastify';
import type { Services } from '../domain/services.ts';
import type { Invocation } from '../domain/triggers/functions.ts';
import { invalid } from '../errors.ts';
import { poolIdOf } from './message-routes.ts';
import { integerTextIn, readQuery } from './read-request.ts';

const LISTED = 100;
const LARGEST_LISTING = 500;

/** What became of the functions that this node ran of late, the newest first: no event, no answer. */
export function triggerRoutes(app: FastifyInstance, { functions }: Services): void {
  app.get('/_poolkeeper/triggers', async (request) => {
    const asked = readQuery(request, ['userPoolId', 'triggerSource', 'limit']);
    const poolId = poolIdOf(asked.userPoolId);
    const source = sourceOf(asked.triggerSource);
    const limit =
      asked.limit === undefined ? LISTED : integerTextIn('limit', asked.limit, 1, LARGEST_LISTING);
    const invocations = functions
      .recent()
      .filter((call) => poolId === undefined || call.poolId === poolId)
      .filter((call) => source === undefined || call.triggerSource === source)
      .slice(0, limit);
    return { invocations: invocations.map(shown) };
  });
}

function sourceOf(text: string | undefined): string | undefined {
  if (text !== undefined && !/^\w{1,64}$/.test(text)) {
    throw invalid('triggerSource must be like CustomMessage_ForgotPassword.');
  }
  return text;
}

const shown = (call: Invocation) => ({
  id: call.id,
  time: new Date(call.time).toISOString(),
  userPoolId: call.poolId,
  functionArn: call.functionArn,
  target: call.target ?? null,
  trigger: call.trigger,
  triggerSource: call.triggerSource,
  attempts: call.attempts,
  durationMs: Math.round(call.duration),
  outcome: call.outcome,
  reason: call.reason,
});
