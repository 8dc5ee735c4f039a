import { open, rm, type FileHandle } from 'node:fs/promises';
import { entryLine, headerLine } from './line';
import type { JournalOwner } from './owner';

const CHUNK_CHARS = 1 << 18;

/** Folders cannot be flushed on every system and file system. */
const NO_FOLDER_SYNC = new Set(['EPERM', 'EACCES', 'EISDIR', 'EBADF', 'EINVAL', 'ENOTSUP']);

/** Writes the state of an owner to a new file, down to the disk. Returns how many entries that were. */
export async function writeSnapshot(path: string, owner: JournalOwner): Promise<number> {
  const file = await open(path, 'w', 0o600);
  try {
    const count = await writeEntries(file, owner);
    await file.sync();
    await file.close();
    return count;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
    throw error;
  }
}

async function writeEntries(file: FileHandle, owner: JournalOwner): Promise<number> {
  let text = headerLine(owner);
  let count = 0;
  for (const entry of owner.living()) {
    text += entryLine(entry);
    count++;
    if (text.length < CHUNK_CHARS) continue;
    await file.appendFile(text);
    text = '';
  }
  await file.appendFile(text);
  return count;
}

/** Makes sure that a file renamed in a folder is found under its new name after a power failure. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (!NO_FOLDER_SYNC.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
