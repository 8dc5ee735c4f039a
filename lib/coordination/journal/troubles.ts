import type { StoreTrouble } from '../store-trouble';
import type { Find, Foreign } from './load';

/** @param aside where the find is kept */
export function foundTrouble(path: string, find: Find, aside: string): StoreTrouble {
  const { kind } = find;
  switch (kind) {
    case 'truncated': {
      const said = { text: kind, values: { path, aside, count: find.bytes } };
      const message = `The store file ${path} ended in the middle of an entry, as it does when Node-RED is stopped while writing. All entries before are in use. The ${find.bytes} bytes that were cut off are kept in ${aside}.`;
      return { kind, message, said };
    }
    case 'damaged': {
      const said = { text: kind, values: { path, aside, count: find.entries } };
      const message = `Entries of the store file ${path} cannot be read (${find.entries} lines). All others are in use. The file as it was is kept in ${aside}. Check the disk.`;
      return { kind, message, said };
    }
    case 'foreign': {
      const { text, ...more } = find.why;
      const message = `${path} cannot be used as the store file: ${inWords(find.why)}. It is kept as ${aside}, and a new file was started. What the old one holds is not known to this store.`;
      return { kind, message, said: { text, values: { path, aside, ...more } } };
    }
  }
}

function inWords(why: Foreign): string {
  switch (why.text) {
    case 'foreign-start':
      return 'it does not begin as a store file does';
    case 'foreign-kind':
      return `it holds "${why.holds}", not "${why.wanted}"`;
    case 'foreign-version':
      return 'a later version of this package wrote it';
  }
}

export function unwritable(path: string, error: Error): StoreTrouble {
  const said = { text: 'unwritable', values: { path, why: error.message } } as const;
  const message = `The store file ${path} cannot be used now (${error.message}). What is new is kept in memory only and lost if Node-RED stops. Check that the disk has space and that Node-RED may write there; the next entry tries again.`;
  return { kind: 'unwritable', message, said };
}

export function unshrinkable(path: string, error: Error): StoreTrouble {
  const said = { text: 'unshrinkable', values: { path, why: error.message } } as const;
  const message = `The store file ${path} cannot be written anew without its old entries (${error.message}). New entries are still saved, but the file keeps growing. Check that the disk has space for a second copy.`;
  return { kind: 'unwritable', message, said };
}
