import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { listEpochFiles } from '../../lib/coordination/journal/epochs';

/** The file that keeps a store's seen events. The node's id outlives deploys and restarts, its name may not. */
export function journalFile(userDir: string, storeId: string): string {
  return join(userDir, 'record-updates', `${encodedOrHash(storeId)}.seen-events.journal`);
}

/** What a store keeps under names that people choose. */
type Kind = 'update-queue' | 'dead-letters';

/** The file that keeps a queue: its name is the same in every Node-RED with the same flow. */
export function queueFile(userDir: string, storeId: string, queue: string): string {
  return namedFile(userDir, storeId, 'update-queue', fileName(queue));
}

/** The same for dead letters. */
export function lettersFile(userDir: string, storeId: string, list: string): string {
  return namedFile(userDir, storeId, 'dead-letters', fileName(list));
}

/** The file that keeps what an endpoint has counted. */
export function countersFile(userDir: string, storeId: string, endpoint: string): string {
  const name = `${encodedOrHash(storeId)}.${encodedOrHash(endpoint)}.counters.journal`;
  return join(userDir, 'record-updates', name);
}

function namedFile(userDir: string, storeId: string, kind: Kind, name: string): string {
  return join(userDir, 'record-updates', `${encodedOrHash(storeId)}.${name}.${kind}.journal`);
}

/**
 * The file as it is, where an earlier version has named it: what waits in it must be found. Some file systems show a file
 * under names in other letters, too, so names are compared as they are listed.
 */
export async function fileInUse(path: string, name: string): Promise<string> {
  const former = join(
    dirname(path),
    basename(path).replace(fileName(name), () => encodedOrHash(name)),
  );
  if (former === path || (await listEpochFiles(path)).length > 0) return path;
  return (await listEpochFiles(former)).length > 0 ? former : path;
}

/** What the file of a queue tells of its name. */
export type FoundQueue =
  | { readonly name: string }
  /** It stands in the file only. */
  | { readonly path: string };

/** Queues of which a store has a file. */
export async function queuesIn(userDir: string, storeId: string): Promise<readonly FoundQueue[]> {
  const start = `${encodedOrHash(storeId)}.`;
  const folder = join(userDir, 'record-updates');
  const found = new Map<string, FoundQueue>();
  for (const file of await filesIn(folder)) {
    const [, name] = QUEUE_FILE.exec(file.startsWith(start) ? file.slice(start.length) : '') ?? [];
    const queue = name === undefined ? undefined : namedBy(name);
    if (queue !== undefined) found.set(queue, { name: queue });
    else if (name?.startsWith(HASHED) === true) {
      found.set(name, { path: namedFile(userDir, storeId, 'update-queue', name) });
    }
  }
  return [...found.values()];
}

/** Whether the name of a queue does not stand in that of its file. */
export function isHashed(name: string): boolean {
  return fileName(name).startsWith(HASHED);
}

/** What is left of the name of such a file, with the number that it got (journal/epochs.ts). */
const QUEUE_FILE = /^([^.]+)\.update-queue\.journal(?:\.\d+)?$/;

/** Undefined: no store has named a file so. */
function namedBy(written: string): string | undefined {
  const [encoded = ''] = written.split(HASHED, 1);
  try {
    const name = decodeURIComponent(encoded);
    return [fileName(name), encodedOrHash(name)].includes(written) ? name : undefined;
  } catch {
    return undefined;
  }
}

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** What encodeURIComponent leaves as it is, but not every file system does. */
const UNSAFE = /[.*!'()~]/g;

/** With the store's id before it and what follows it, a name may take 255 bytes (ext4, APFS, NTFS). */
const LONGEST_NAME = 200;

/** Begins a hash, and stands in no encoded name. */
const HASHED = '=';

/** So much of a hash tells apart names that people give. */
const SHORT = 16;

/**
 * Windows and macOS take names for the same that differ only in upper and lower case: where there are upper-case letters,
 * a hash besides tells them apart. The encoding itself writes upper-case letters only, of other characters.
 */
function fileName(name: string): string {
  const encoded = encodedOrHash(name);
  if (encoded.startsWith(HASHED) || !/[A-Z]/.test(name)) return encoded;
  const whole = `${encoded}${HASHED}${hashOf(name).slice(0, SHORT)}`;
  return whole.length <= LONGEST_NAME ? whole : HASHED + hashOf(name);
}

/** A name that is no Unicode text, or too long once it is encoded, goes by its hash. */
function encodedOrHash(id: string): string {
  const encoded = encodedName(id);
  if (encoded !== undefined && encoded.length <= LONGEST_NAME) return encoded;
  return HASHED + hashOf(id);
}

function hashOf(name: string): string {
  return createHash('sha256').update(name, 'utf16le').digest('hex');
}

/** Undefined: half of a surrogate pair stands alone in it. */
function encodedName(id: string): string | undefined {
  try {
    return encodeURIComponent(id).replace(
      UNSAFE,
      char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  } catch {
    return undefined;
  }
}
