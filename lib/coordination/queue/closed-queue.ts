import type { Time } from '../../retry/time';
import { listEpochFiles } from '../journal/epochs';
import { load } from '../journal/load';
import { SteadyClock } from '../steady-clock';
import { QueueMemory } from './queue-memory';
import type { StoreState } from './queue-store';

/** What the file of a queue says. */
export interface ClosedQueue {
  readonly state: StoreState;
  /** Undefined: its file is named by it. */
  readonly name: string | undefined;
}

/**
 * What the file of a queue holds that nobody in this process has opened; another one may have it. Nothing is written and
 * nothing is held. Undefined: there is none that can be read.
 * @param path as of `createInProcessQueueStore`
 */
export async function readClosedQueue(
  path: string,
  time: Pick<Time, 'now' | 'monotonic'>,
): Promise<ClosedQueue | undefined> {
  const memory = new QueueMemory(new SteadyClock(time));
  const data = (await listEpochFiles(path)).filter(({ kind }) => kind === 'data');
  const [last] = data.sort((a, b) => b.epoch - a.epoch);
  if (last === undefined) return undefined;
  memory.onLoading();
  const loaded = await load(last.path, memory);
  if (loaded === undefined || loaded.lines === 0) return undefined;
  memory.onLoaded();
  return { state: memory.state(), name: memory.nameInFile };
}
