import type { CounterStore } from '../../lib/monitor/counter-store';
import { createInProcessCounters } from '../../lib/monitor/in-process-counters';
import { createMonitor, type Monitor } from '../../lib/monitor/monitor';
import { systemTime } from '../../lib/retry/time';
import { findStore, type RecordStoreNode } from '../record-store/lookup';
import type { NodeAPI } from '../shared/node-api';

interface Watched {
  readonly monitor: Monitor;
  /** Id of the record-store; empty: this process only. */
  storeId: string;
}

/** The monitors of all endpoints, by the endpoint's id: what was counted outlives a deploy. */
export class Monitors {
  private readonly watched = new Map<string, Watched>();

  constructor(private readonly RED: Pick<NodeAPI, 'nodes'>) {}

  /** @param storeId where its counters are kept from now on; empty: in this process, until it ends */
  of(endpoint: string, storeId: string): Monitor {
    const known = this.watched.get(endpoint);
    if (known !== undefined) {
      known.storeId = storeId;
      return known.monitor;
    }
    const own = createInProcessCounters({ time: systemTime, run: '', onTrouble: () => undefined });
    let latest: RecordStoreNode | undefined;
    const store = (): Promise<CounterStore> => {
      if (watched.storeId === '') return own;
      // One that is being closed is found no more, and takes what is left all the same.
      latest = findStore(this.RED, watched.storeId) ?? latest;
      if (latest?.id !== watched.storeId) return Promise.reject(missing());
      return latest.counters.use(endpoint, () => monitor.save());
    };
    const monitor = createMonitor({ time: systemTime, store });
    const watched: Watched = { monitor, storeId };
    this.watched.set(endpoint, watched);
    return monitor;
  }
}

function missing(): Error {
  return new Error('The store of this endpoint is not deployed.');
}
