import type { FastifyInstance } from 'fastify';
import type { Services } from '../domain/services.ts';
import type { Faults } from '../wire/faults.ts';
import type { Inbox } from './inbox.ts';

export function adminRoutes(
  _app: FastifyInstance,
  _house: { services: Services; inbox: Inbox; faults: Faults },
): void {}
