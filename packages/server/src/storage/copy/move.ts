import { ConfigError } from '../../config/config-error.ts';
import {
  type CopyMark,
  findCopyMark,
  findMovedMark,
  findServedMark,
  putCopyMark,
  putMovedMark,
  putServedMark,
  removeCopyMark,
  requireWhole,
} from '../marks.ts';
import { createServerState } from '../migrations/migrate.ts';
import type { Storage, Unit } from '../unit.ts';
import type { OnRows } from './progress.ts';
import { requireUnserved } from './servers.ts';
import { copiedTables, countRows, insertRows, readTable } from './table.ts';
import { howToEmpty, prepareTarget } from './target.ts';

export interface MoveOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Leaves the source as it is, so that servers go on starting on it. */
  readonly keepSource: boolean;
  /** Told before the first row, with what there is and what an interrupted run has brought over. */
  onStart(counts: Counts, before: Counts): void;
  readonly onRows: OnRows;
}

/** Rows by table. */
export type Counts = Readonly<Record<string, number>>;

/**
 * Brings everything from one database to another, empty one; of both nobody else may use either. Each batch commits
 * together with the place it ends at, so a run that was interrupted is gone on with by the next: nothing is lost and
 * nothing comes twice. Throws ConfigError when that cannot be, or when the two differ at the end.
 */
export async function move(source: Storage, target: Storage, options: MoveOptions): Promise<Counts> {
  await source.read(requireWhole);
  await requireUnserved(source);
  const served = await servedMark(source);
  const mark = await beginOrResume(source, target, served, options.now);
  const counts = await source.snapshot(async (unit) => {
    const counts = await countAll(unit);
    options.onStart(counts, await target.snapshot(countAll));
    const from = copiedTables.findIndex(({ name }) => name === mark.table);
    for (const table of copiedTables.slice(Math.max(0, from))) {
      const after = table.name === mark.table ? mark.after : undefined;
      for await (const { rows, last } of readTable(unit, table, after)) {
        await target.write(async (unit) => {
          insertRows(unit, table, rows);
          await putCopyMark(unit, { by: 'migrate', served, table: table.name, after: last });
        });
        options.onRows(table.name, rows.length);
      }
    }
    return counts;
  });
  await requireSame(source, target, counts, served);
  // In this order: at no time would servers start on both.
  if (!options.keepSource) {
    const moved = { to: target.dialect, at: new Date(options.now).toISOString() };
    await source.write((unit) => putMovedMark(unit, moved));
  }
  await target.write(removeCopyMark);
  return counts;
}

async function servedMark(source: Storage): Promise<string> {
  const find = () => source.read(findServedMark);
  const mark = await find();
  if (mark !== undefined) return mark;
  await source.write(putServedMark);
  return (await find()) as string;
}

async function beginOrResume(
  source: Storage,
  target: Storage,
  served: string,
  now: number,
): Promise<CopyMark> {
  await createServerState(target);
  const begun = await target.read(findCopyMark);
  if (begun?.by === 'migrate' && begun.served === served) return begun;
  if (begun?.by === 'migrate') {
    throw new ConfigError(
      `The source was started since the migration began, or is another one: what was brought over is no longer all. Empty the target (${howToEmpty(target)}) and begin again.`,
    );
  }
  const moved = await source.read(findMovedMark);
  if (moved !== undefined) {
    throw new ConfigError(
      `The users of the source were moved to ${moved.to} on ${moved.at}. To move them once more, take the mark away first: poolkeeper migrate --from ${source.dialect} --keep-source`,
    );
  }
  const mark: CopyMark = { by: 'migrate', served };
  await prepareTarget(target, now, mark);
  return mark;
}

async function countAll(unit: Unit): Promise<Counts> {
  const counts: Record<string, number> = {};
  for (const table of copiedTables) counts[table.name] = await countRows(unit, table);
  return counts;
}

/** What was read is all there is, and all of it arrived. */
async function requireSame(source: Storage, target: Storage, counts: Counts, served: string): Promise<void> {
  const arrived = await target.snapshot(countAll);
  const wrong = copiedTables.find(({ name }) => counts[name] !== arrived[name])?.name;
  if (wrong !== undefined) {
    throw new ConfigError(
      `The table ${wrong} has ${counts[wrong]} rows in the source and ${arrived[wrong]} in the target. Empty the target (${howToEmpty(target)}) and begin again.`,
    );
  }
  await requireUnserved(source);
  if ((await source.read(findServedMark)) !== served) {
    throw new ConfigError(
      `The source was started during the migration: what was written since is missing. Empty the target (${howToEmpty(target)}) and begin again.`,
    );
  }
}
