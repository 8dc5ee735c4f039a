/** What can be kept under several names. */
interface Closable {
  close(): Promise<void>;
}

/** Those of one kind, by their names: each is opened once. */
export class NamedStores<Store extends Closable> {
  private readonly stores = new Map<string, Promise<Store>>();

  /** @param open where one is kept */
  constructor(private readonly open: (name: string) => Promise<Store>) {}

  /** What cannot be opened now may be when it is asked for again. */
  of(name: string): Promise<Store> {
    const open = this.stores.get(name);
    if (open !== undefined) return open;
    const opening = this.open(name);
    this.stores.set(name, opening);
    opening.catch(() => this.stores.delete(name));
    return opening;
  }

  /** Resolves when what they used is free for the next ones. */
  async close(): Promise<void> {
    const stores = [...this.stores.values()];
    await Promise.all(stores.map(store => store.then(shut, nothing)));
  }
}

function shut(store: Closable): Promise<void> {
  return store.close();
}

function nothing(): void {
  // There is nothing to close.
}
