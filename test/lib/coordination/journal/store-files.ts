import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LOOK_MS } from '../../../../lib/coordination/journal/hold';
import type { Machine } from '../../../../lib/coordination/journal/holder';
import type { SetTimer } from '../../../../lib/retry/time';
import type { FakeTime } from '../fake-time';

/** Names of the files of a store, without its own: `.7`, `.7.lock`. */
const EPOCH_FILE = /^(?:\.\d+(?:\.(?:new|lock|closed|knock-.*))?)?$/;

function names(path: string): string[] {
  const all = readdirSync(dirname(path)).filter(name => name.startsWith(basename(path)));
  return all.map(name => name.slice(basename(path).length));
}

/** The file with the entries of a store, as it is now; the path itself when there is none. */
export function storeFile(path: string): string {
  const epochs = names(path).filter(name => /^\.\d+$/.test(name));
  epochs.sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)));
  return path + (epochs[0] ?? '');
}

/** Makes the content the only thing there is of a store, as a holder leaves it that has ended well. */
export function putStoreFile(path: string, content: string | Buffer, encoding?: 'latin1'): void {
  for (const name of names(path)) if (EPOCH_FILE.test(name)) rmSync(path + name);
  writeFileSync(`${path}.1`, content, encoding);
  writeFileSync(`${path}.1.closed`, '');
}

/** Whole paths of what a store keeps aside, and of whatever else lies there. */
export function keptBeside(path: string): string[] {
  const own = new Set(names(path).filter(name => EPOCH_FILE.test(name)));
  const all = readdirSync(dirname(path)).sort();
  return all
    .filter(name => !name.startsWith(basename(path)) || !own.has(name.slice(basename(path).length)))
    .map(name => join(dirname(path), name));
}

/** Each store is another process, and none can see the others, as in containers. */
export function strangers(): Machine {
  return { ...mortals(), isRunning: () => Promise.resolve(undefined) };
}

/** Lets time pass as fast as something waits for it. */
export function hurried(time: FakeTime): SetTimer {
  return callback => {
    const next = setImmediate(() => {
      time.pass(LOOK_MS);
      callback();
    });
    return () => {
      clearImmediate(next);
    };
  };
}

/** Each store is another process, and whoever comes before the latest has ended. */
export function mortals(): Machine {
  let pid = 1000;
  return {
    self: since =>
      Promise.resolve({ pid: pid++, host: 'plant', since: new Date(since).toISOString() }),
    isRunning: () => Promise.resolve(false),
  };
}
