import { ConfigError } from '../config/config-error.ts';
import { newId } from '../platform/random.ts';
import { deleteServerState, findServerState, putServerState } from './repositories/server-state.ts';
import type { SqlValue, Storage, Unit } from './unit.ts';

/** Facts in `server_state` that are true of this database alone: no copy takes them along. */
const COPY = 'mark:copy';
const MOVED = 'mark:moved';
const SERVED = 'mark:served';

/** A copy into this database that is under way, or was interrupted. */
export interface CopyMark {
  readonly by: 'restore' | 'migrate';
  /** The source's `served` mark when the copy began. */
  readonly served?: string | undefined;
  /** Where a migration goes on: after this row of this table. The tables before it are whole. */
  readonly table?: string | undefined;
  readonly after?: readonly SqlValue[] | undefined;
}

/** Where the users of this database went. */
export interface MovedMark {
  readonly to: string;
  /** ISO 8601. */
  readonly at: string;
}

const find = async (unit: Unit, name: string) => (await findServerState.first(unit, { name }))?.value;

async function findJson<T>(unit: Unit, name: string): Promise<T | undefined> {
  const value = await find(unit, name);
  return value === undefined ? undefined : JSON.parse(value);
}

export const findCopyMark = (unit: Unit) => findJson<CopyMark>(unit, COPY);
export const putCopyMark = (unit: Unit, mark: CopyMark) =>
  putServerState.run(unit, { name: COPY, value: JSON.stringify(mark) });
export const removeCopyMark = (unit: Unit) => deleteServerState.run(unit, { name: COPY });

export const findMovedMark = (unit: Unit) => findJson<MovedMark>(unit, MOVED);
export const putMovedMark = (unit: Unit, mark: MovedMark) =>
  putServerState.run(unit, { name: MOVED, value: JSON.stringify(mark) });
export const removeMovedMark = (unit: Unit) => deleteServerState.run(unit, { name: MOVED });

/** Changes whenever something is started that may write: what was copied before is then no longer all. */
export const findServedMark = (unit: Unit) => find(unit, SERVED);
export const putServedMark = (unit: Unit) => putServerState.run(unit, { name: SERVED, value: newId() });

/** Throws ConfigError when this database must not be served: half of a copy, or what was left behind by one. */
export const requireServable = (storage: Storage): Promise<void> =>
  storage.read(async (unit) => {
    await requireWhole(unit);
    const moved = await findMovedMark(unit);
    if (moved === undefined) return;
    throw new ConfigError(
      `The users of this database were moved to ${moved.to} on ${moved.at}. Start with that one. If this one is to be served after all: poolkeeper migrate --from ${unit.dialect} --keep-source`,
    );
  });

/** Throws ConfigError when a copy into this database has not ended. */
export async function requireWhole(unit: Unit): Promise<void> {
  const copy = await findCopyMark(unit);
  if (copy === undefined) return;
  throw new ConfigError(
    copy.by === 'restore'
      ? 'The restore of this database was interrupted or is still under way: it may hold only a part. Empty the database and run `poolkeeper restore` again.'
      : 'The migration into this database was interrupted or is still under way: it holds only a part. Run the same `poolkeeper migrate` again; it goes on where it stopped.',
  );
}
