import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import type { Find } from './load';

/**
 * Keeps what was found in a file of its own beside it and returns that one's path. A foreign file is renamed; of a
 * damaged one the whole, of a truncated one the tail is copied.
 * @param now wall clock, milliseconds since the epoch
 */
export async function keepAside(path: string, find: Find, now: number): Promise<string> {
  const aside = asidePath(path, find.kind, now);
  if (find.kind === 'foreign') await rename(path, aside);
  else await copyFrom(path, find.kind === 'truncated' ? find.from : 0, aside);
  return aside;
}

/** A name that no file has: nothing kept earlier is ever overwritten. */
function asidePath(path: string, kind: Find['kind'], now: number): string {
  const time = new Date(now).toISOString().replace(/[:.]/g, '-');
  return `${path}.${kind}-${time}-${randomBytes(4).toString('hex')}`;
}

async function copyFrom(path: string, start: number, aside: string): Promise<void> {
  const copy = await open(aside, 'wx', 0o600);
  try {
    await writeFile(copy, createReadStream(path, { start }));
    await copy.sync();
  } catch (error) {
    await copy.close();
    await rm(aside, { force: true });
    throw error;
  }
  await copy.close();
}
