import type { FastifyInstance } from 'fastify';
import type { Services } from '../domain/services.ts';
import { invalid } from '../errors.ts';
import { DAY, formatDuration, parseDuration } from '../platform/duration.ts';
import { readMembers } from './read-request.ts';

/** Ten years: what outlives it is no test, and dates stay far from the end of their range. */
const FURTHEST = 3650 * DAY;

/** Lets tests move the server's time; everything that expires follows it. */
export function clockRoutes(app: FastifyInstance, services: Services): void {
  const answer = () => ({
    now: new Date(services.clock.now()).toISOString(),
    offset: formatDuration(services.clock.offset()),
  });

  app.get('/_poolkeeper/clock', answer);

  app.post('/_poolkeeper/clock', (request) => {
    const { advance, reset } = readMembers(request, ['advance', 'reset']);
    if (reset === true && advance === undefined) {
      services.clock.reset();
    } else if (typeof advance === 'string' && reset === undefined) {
      const duration = parseDuration(advance);
      if (duration === undefined) {
        throw invalid(
          'advance must be an ISO 8601 duration in days, hours, minutes and seconds, such as PT1H or P1D.',
        );
      }
      if (services.clock.offset() + duration > FURTHEST) {
        throw invalid('The clock can be moved by P3650D in all. Send {"reset": true} to start again.');
      }
      services.clock.advance(duration);
    } else {
      throw invalid('Send either {"advance": "PT1H"} or {"reset": true}.');
    }
    // What waits for its next attempt may be due now.
    services.messageQueued();
    return answer();
  });
}
