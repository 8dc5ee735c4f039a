import type { StoreTrouble } from '../store-trouble';
import { HeldError, LOOK_MS, SILENT_LOOKS } from './hold';
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
    case 'empty': {
      const message = `The store file ${path} was empty, which no store leaves behind: what it held is lost, and a new file was started. Events that it held may pass once more, and updates that waited in it are gone. Check the disk, and what else writes there.`;
      return { kind: 'damaged', message, said: { text: kind, values: { path } } };
    }
    case 'altered': {
      const { expected, bytes } = find;
      const said = { text: kind, values: { path, aside, expected, bytes } };
      const message = `Another program has changed the store file ${path} while it was in use: it has ${bytes} bytes instead of ${expected}. It was written anew from memory, so nothing is lost; the file as it was is kept in ${aside}. Check whether a second Node-RED runs in the same user directory.`;
      return { kind: 'damaged', message, said };
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

/** Why nothing can be written now. */
export function unusable(path: string, error: Error): StoreTrouble {
  if (!(error instanceof HeldError)) return unwritable(path, error);
  const { holder } = error;
  const seconds = (SILENT_LOOKS * LOOK_MS) / 1000;
  const who = holder ?? { pid: '?', host: '?', since: '?' };
  const values = { path, pid: who.pid, host: who.host, since: who.since, seconds };
  const text = holder === undefined ? 'in-use-unnamed' : 'in-use';
  const by =
    holder === undefined
      ? 'another process; its lock file cannot be read'
      : `another Node-RED, process ${holder.pid} on ${holder.host}, since ${holder.since}`;
  const message = `The store file ${path} is in use by ${by}. Only one can write it, so this one refuses what comes, events and updates alike (STORE_IN_USE). It goes on by itself as soon as the other one has ended, or, where its process cannot be seen from here, has not answered for ${seconds} seconds. Stop the other one, or give each Node-RED a user directory of its own.`;
  return { kind: 'in-use', message, said: { text, values } };
}

function unwritable(path: string, error: Error): StoreTrouble {
  const said = { text: 'unwritable', values: { path, why: error.message } } as const;
  const message = `The store file ${path} cannot be used now (${error.message}). What is new is kept in memory only and lost if Node-RED stops. Check that the disk has space and that Node-RED may write there; the next entry tries again.`;
  return { kind: 'unwritable', message, said };
}

export function unshrinkable(path: string, error: Error): StoreTrouble {
  const said = { text: 'unshrinkable', values: { path, why: error.message } } as const;
  const message = `The store file ${path} cannot be written anew without its old entries (${error.message}). New entries are still saved, but the file keeps growing. Check that the disk has space for a second copy.`;
  return { kind: 'unwritable', message, said };
}
