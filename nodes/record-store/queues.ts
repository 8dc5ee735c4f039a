import type { RecordQueue } from '../../lib/coordination/queue/queue';
import type { QueueStore, StoreState } from '../../lib/coordination/queue/queue-store';
import type { QueueSettings } from '../../lib/coordination/queue/queue-settings';
import { createRecordQueue } from '../../lib/coordination/queue/record-queue';
import { InputError, StopError } from '../../lib/errors';
import { NamedStores } from './named-stores';

/** A node that uses a queue. */
export interface QueueUser {
  readonly id: string;
  /** How a person finds it. */
  readonly label: string;
  /** Where the changes are in its messages: one node makes messages of what another one has stored. */
  readonly changes: string;
}

export interface OpenQueue {
  readonly settings: QueueSettings;
  /** Both reject as long as it cannot be opened. */
  readonly queue: Promise<RecordQueue>;
  readonly store: Promise<Pick<QueueStore, 'isDurable' | 'state'>>;
}

interface Known extends OpenQueue {
  readonly changes: string;
  readonly users: Map<string, QueueUser>;
}

/** The queues of one store, by their names: one for all nodes that use it. */
export class Queues {
  private readonly stores: NamedStores<QueueStore>;
  private readonly known = new Map<string, Known>();
  private isClosed = false;

  /** @param open where a queue is kept */
  constructor(open: (name: string) => Promise<QueueStore>) {
    this.stores = new NamedStores(open);
  }

  /**
   * Throws InputError `QUEUE_DIFFERS` where another node uses it with other settings.
   */
  use(name: string, settings: QueueSettings, user: QueueUser): OpenQueue {
    if (this.isClosed) throw closed();
    const known = this.known.get(name);
    if (known?.changes === user.changes && isSame(known.settings, settings)) {
      known.users.set(user.id, user);
      return known;
    }
    const others = [...(known?.users.values() ?? [])].filter(({ id }) => id !== user.id);
    if (others[0] !== undefined) throw differs(name, user, others[0]);
    return this.begin(name, settings, user);
  }

  /** All that a node has opened, by their names. */
  all(): readonly (readonly [name: string, queue: OpenQueue])[] {
    return [...this.known];
  }

  /** As a node has opened it; undefined: none has. */
  find(name: string): OpenQueue | undefined {
    return this.known.get(name);
  }

  /** A node uses it now. */
  isUsed(name: string): boolean {
    return (this.known.get(name)?.users.size ?? 0) > 0;
  }

  /** What it holds, whether a node still uses it or not; undefined: none has opened it. */
  stateOf(name: string): Promise<StoreState> | undefined {
    return this.known.get(name)?.store.then(store => store.state());
  }

  /** The queue stays open: what it has handed on may still be settled. */
  leave(name: string, { id }: QueueUser): void {
    this.known.get(name)?.users.delete(id);
  }

  /** Resolves when what they used is free for the next ones. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.stores.close();
  }

  private begin(name: string, settings: QueueSettings, user: QueueUser): OpenQueue {
    // What waits stays where it is, whatever the settings of the queue over it.
    const store = this.stores.of(name);
    const queue = store.then(open => createRecordQueue(open, settings));
    const { changes } = user;
    const known = { settings, changes, queue, store, users: new Map([[user.id, user]]) };
    this.known.set(name, known);
    queue.catch(() => {
      if (this.known.get(name) === known) this.known.delete(name);
    });
    return known;
  }
}

function isSame(settings: QueueSettings, others: QueueSettings): boolean {
  return JSON.stringify(settings) === JSON.stringify(others);
}

function differs(name: string, user: QueueUser, other: QueueUser): InputError {
  return new InputError(
    'QUEUE_DIFFERS',
    `The nodes ${user.label} and ${other.label} use the queue ${JSON.stringify(name)} with different settings. Give both the same settings, Changes included, or each a queue name of its own.`,
  );
}

function closed(): StopError {
  return new StopError('STOPPED', 'The flow was stopped before the store could be used.');
}
