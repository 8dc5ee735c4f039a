import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * The files of one store. Each holder has an epoch, a number that no holder before it had, and writes only files with
 * that number: `path.7` holds the entries, `path.7.new` those entries while they are written anew, `path.7.lock` says
 * who holds the store, and becomes `path.7.closed` when that one lets go of it. `path.7.knock-…` is somebody who asks
 * whether the holder is still there; the holder removes it. A file without a number is of epoch 0.
 */
export interface EpochFile {
  readonly epoch: number;
  readonly kind: Kind;
  readonly path: string;
}

type Kind = 'data' | 'new' | 'lock' | 'closed' | 'knock';

/** More digits than that are none of ours: they could not be counted up. */
const NUMBERED = /^\.(\d{1,15})(?:\.(new|lock|closed|knock)(?:-[\w-]+)?)?$/;

export function dataPath(path: string, epoch: number): string {
  return epoch === 0 ? path : `${path}.${epoch}`;
}

export function lockPath(path: string, epoch: number): string {
  return `${path}.${epoch}.lock`;
}

export function closedPath(path: string, epoch: number): string {
  return `${path}.${epoch}.closed`;
}

/** @param id of the one who asks: letters, digits and `-` */
export function knockPath(path: string, epoch: number, id: string): string {
  return `${path}.${epoch}.knock-${id}`;
}

/** What is there now; nothing when the folder is missing. */
export async function listEpochFiles(path: string): Promise<EpochFile[]> {
  const folder = dirname(path);
  const name = basename(path);
  const files: EpochFile[] = [];
  for (const found of await namesIn(folder)) {
    if (!found.startsWith(name)) continue;
    const place = placeOf(found.slice(name.length));
    if (place !== undefined) files.push({ ...place, path: join(folder, found) });
  }
  return files;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function placeOf(rest: string): Omit<EpochFile, 'path'> | undefined {
  if (rest === '') return { epoch: 0, kind: 'data' };
  const [, digits, kind] = NUMBERED.exec(rest) ?? [];
  if (digits === undefined) return undefined;
  return { epoch: Number(digits), kind: (kind ?? 'data') as Kind };
}

/** The highest epoch of files; 0 when there are none. Who only asks does not count. */
export function highestEpoch(files: readonly EpochFile[]): number {
  return files.reduce((top, { epoch, kind }) => (kind === 'knock' ? top : Math.max(top, epoch)), 0);
}

/**
 * Removes the files of all epochs below one, the lowest first, and ends at the first that cannot be removed: a holder
 * that finds its own lock file need not look for more than the files there are of later epochs.
 */
export async function removeBelow(path: string, epoch: number): Promise<void> {
  const files = (await listEpochFiles(path)).filter(file => file.epoch < epoch);
  files.sort((a, b) => a.epoch - b.epoch);
  for (const file of files) await rm(file.path, { force: true });
}
