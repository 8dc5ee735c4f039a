import type { CounterStore } from '../../lib/monitor/counter-store';
import { StopError } from '../../lib/errors';

/** The counters that one store keeps, by the endpoint that counts. */
export class Counters {
  private readonly stores = new Map<string, Promise<CounterStore>>();
  private readonly savers = new Map<string, () => Promise<void>>();
  private isClosed = false;

  /** @param open where the counters of an endpoint are kept */
  constructor(private readonly open: (endpoint: string) => Promise<CounterStore>) {}

  /**
   * What cannot be opened now may be when it is asked for again.
   * @param save saves what the endpoint has counted: called before the store closes
   */
  use(endpoint: string, save: () => Promise<void>): Promise<CounterStore> {
    if (this.isClosed) return Promise.reject(closed());
    this.savers.set(endpoint, save);
    const known = this.stores.get(endpoint);
    if (known !== undefined) return known;
    const opening = this.open(endpoint);
    this.stores.set(endpoint, opening);
    opening.catch(() => this.stores.delete(endpoint));
    return opening;
  }

  /** Resolves when what was counted is saved, and what they used is free for the next ones. */
  async close(): Promise<void> {
    await Promise.all([...this.savers.values()].map(save => save()));
    this.isClosed = true;
    const stores = [...this.stores.values()];
    await Promise.all(stores.map(store => store.then(shut, nothing)));
  }
}

function shut(store: CounterStore): Promise<void> {
  return store.close();
}

function nothing(): void {
  // There is nothing to close.
}

function closed(): StopError {
  return new StopError('STOPPED', 'The flow was stopped before the store could be used.');
}
