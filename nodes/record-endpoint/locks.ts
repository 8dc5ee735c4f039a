import { createInProcessLocks } from '../../lib/coordination/in-process-locks';
import type { AcquireOptions, Lease, NotAcquired, RecordLocks } from '../../lib/coordination/lock';
import { systemTime } from '../../lib/retry/time';
import { findStore, storeOf } from '../record-store/lookup';
import type { NodeAPI } from '../shared/node-api';

/** The locks of an endpoint: its own, in this process, or those of the store that its dialog names. */
export function endpointLocks(RED: NodeAPI, store: string): RecordLocks {
  return store === '' ? createInProcessLocks({ time: systemTime }) : new LocksOfStore(RED, store);
}

/** A store may be deployed after the endpoint. It is the store that closes its locks: other endpoints use them too. */
class LocksOfStore implements RecordLocks {
  private readonly closing = new AbortController();

  constructor(
    private readonly RED: NodeAPI,
    private readonly store: string,
  ) {}

  async acquire(key: string, options: AcquireOptions): Promise<Lease | NotAcquired> {
    const { signal = this.closing.signal } = options;
    if (this.closing.signal.aborted) return { granted: false, reason: 'closed', waitedMs: 0 };
    return storeOf(this.RED, this.store).locks.acquire(key, { ...options, signal });
  }

  find(key: string, token: string): Lease | undefined {
    return findStore(this.RED, this.store)?.locks.find(key, token);
  }

  close(): void {
    this.closing.abort();
  }
}
