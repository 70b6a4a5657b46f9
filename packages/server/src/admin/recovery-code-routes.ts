import type { FastifyInstance, FastifyRequest } from 'fastify';
import { answerCounted } from '../domain/codes/lock-out.ts';
import { type Factors, factorsOf, storeFactors } from '../domain/mfa/factors.ts';
import {
  findRecoveryCode,
  issueRecoveryCodes,
  withoutRecoveryCode,
  withoutSecondFactors,
} from '../domain/mfa/recovery-codes.ts';
import type { UserPool } from '../domain/pools/user-pool.ts';
import type { Services } from '../domain/services.ts';
import { userForAdmin } from '../domain/users/find-user.ts';
import type { User } from '../domain/users/user.ts';
import { invalid, lockedOut, recoveryCodesOff, ServiceError, wrongCode } from '../errors.ts';
import type { Unit } from '../storage/unit.ts';
import { readMembers } from './read-request.ts';

const PATH = '/_poolkeeper/pools/:userPoolId/users/:username/recovery-codes';
interface Route {
  Params: { userPoolId: string; username: string };
}
interface Holder {
  readonly unit: Unit;
  readonly pool: UserPool;
  readonly user: User;
  readonly factors: Factors;
}

/**
 * A user's recovery codes, each of which stands in for a second factor once. They are shown when they are issued, and
 * never again: only their hashes are kept. Throws InvalidParameterException in pools without `mfa.recoveryCodes`.
 */
export function recoveryCodeRoutes(app: FastifyInstance, services: Services): void {
  /** Runs `work` on the user whom a request names. */
  async function withUser<T>(
    access: 'read' | 'write',
    { params }: FastifyRequest<Route>,
    work: (holder: Holder) => Promise<T>,
  ): Promise<T> {
    const pool = await services.pools.pool(params.userPoolId);
    if (!pool.settings.mfa.recoveryCodes) throw recoveryCodesOff();
    return services.storage[access](async (unit) => {
      const user = await userForAdmin(unit, pool, params.username);
      return work({ unit, pool, user, factors: factorsOf(services, user) });
    });
  }
  const store = ({ unit, user }: Holder, factors: Factors) => storeFactors(services, unit, user, factors);

  app.get<Route>(PATH, (request) =>
    withUser('read', request, async ({ factors }) => ({
      remaining: remainingOf(factors),
      issuedAt: issuedAtOf(factors),
    })),
  );

  app.post<Route>(PATH, async (request, reply) => {
    const issued = await withUser('write', request, async (holder) => {
      const { codes, factors } = issueRecoveryCodes(services, holder.user, holder.factors);
      await store(holder, factors);
      return { codes, issuedAt: issuedAtOf(factors) };
    });
    return reply.code(201).send(issued);
  });

  app.delete<Route>(PATH, async (request, reply) => {
    await withUser('write', request, (holder) => {
      const { recoveryCodes: _, ...kept } = holder.factors;
      return store(holder, kept);
    });
    return reply.code(204).send();
  });

  app.post<Route>(`${PATH}/use`, async (request) => {
    const { code } = readMembers(request, ['code']);
    if (typeof code !== 'string') throw invalid('code must be a recovery code of the user.');
    const used = await withUser('write', request, async (holder) => {
      const { unit, pool, user, factors } = holder;
      const found = await answerCounted(
        unit,
        { poolId: pool.id, sub: user.sub, action: 'second-factor:recovery-code' },
        services.clock.now(),
        () => ({ digest: findRecoveryCode(services, pool, user, factors, code) }),
        ({ digest }) => digest !== undefined,
      );
      // Returned and not thrown: the answer stays counted.
      if (found === 'locked') return lockedOut();
      if (found.digest === undefined) return wrongCode();
      const left = withoutSecondFactors(withoutRecoveryCode(factors, found.digest));
      await store(holder, left);
      return { remaining: remainingOf(left) };
    });
    if (used instanceof ServiceError) throw used;
    return used;
  });
}

const remainingOf = ({ recoveryCodes }: Factors) => recoveryCodes?.digests.length ?? 0;
const issuedAtOf = ({ recoveryCodes }: Factors) =>
  recoveryCodes === undefined ? null : new Date(recoveryCodes.issuedAt).toISOString();
