import type { StoreTrouble } from '../store-trouble';
import type { Find } from './load';

/** @param aside where the find is kept */
export function foundTrouble(path: string, find: Find, aside: string): StoreTrouble {
  return { kind: find.kind, message: foundMessage(path, find, aside) };
}

function foundMessage(path: string, find: Find, aside: string): string {
  switch (find.kind) {
    case 'truncated':
      return `The store file ${path} ended in the middle of an entry, as it does when Node-RED is stopped while writing. All entries before are in use. The ${find.bytes} bytes that were cut off are kept in ${aside}.`;
    case 'damaged':
      return `Entries of the store file ${path} cannot be read (${find.entries} lines). All others are in use. The file as it was is kept in ${aside}. Check the disk.`;
    case 'foreign':
      return `${path} cannot be used as the store file: ${find.why}. It is kept as ${aside}, and a new file was started. What the old one holds is not known to this store.`;
  }
}

export function unwritable(path: string, error: Error): StoreTrouble {
  const message = `The store file ${path} cannot be used now (${error.message}). What is new is kept in memory only and lost if Node-RED stops. Check that the disk has space and that Node-RED may write there; the next entry tries again.`;
  return { kind: 'unwritable', message };
}

export function unshrinkable(path: string, error: Error): StoreTrouble {
  const message = `The store file ${path} cannot be written anew without its old entries (${error.message}). New entries are still saved, but the file keeps growing. Check that the disk has space for a second copy.`;
  return { kind: 'unwritable', message };
}
