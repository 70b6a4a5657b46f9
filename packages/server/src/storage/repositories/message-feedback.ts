import { statement } from '../statement.ts';

/** Which messages a provider means: several only where two of its accounts named theirs alike. */
export const findByProviderId = statement((db, p: { providerId: string; limit: number }) =>
  db
    .selectFrom('messages')
    .select(['pool_id', 'id'])
    .where('provider_id', '=', p.providerId)
    .orderBy('provider_id')
    .limit(p.limit),
);

/** What is known of a message's way; nobody else adds to it before the unit ends. */
export const findRecord = statement(
  (db, p: { poolId: string; id: string }) =>
    db
      .selectFrom('messages')
      .select(['record', 'feedback', 'status'])
      .where('pool_id', '=', p.poolId)
      .where('id', '=', p.id),
  (query) => query.forUpdate(),
);

export const putFeedback = statement(
  (
    db,
    p: {
      poolId: string;
      id: string;
      record: string;
      feedback: 'delivered' | 'bounced' | 'complained' | 'undelivered';
    },
  ) =>
    db
      .updateTable('messages')
      .set({ record: p.record, feedback: p.feedback })
      .where('pool_id', '=', p.poolId)
      .where('id', '=', p.id),
);
