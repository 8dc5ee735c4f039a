import type { RecordQueue } from '../../lib/coordination/queue/queue';
import type { QueueSettings } from '../../lib/coordination/queue/record-queue';
import { InputError, StopError } from '../../lib/errors';

/** A node that uses a queue: its id, and how a person finds it. */
export interface QueueUser {
  readonly id: string;
  readonly label: string;
}

export interface OpenQueue {
  readonly settings: QueueSettings;
  /** Rejects as long as it cannot be opened. */
  readonly queue: Promise<RecordQueue>;
}

interface Known extends OpenQueue {
  readonly users: Map<string, QueueUser>;
}

/** The queues of one store, by their names: one for all nodes that use it. */
export class Queues {
  private readonly known = new Map<string, Known>();
  private isClosed = false;

  constructor(
    private readonly open: (name: string, settings: QueueSettings) => Promise<RecordQueue>,
  ) {}

  /**
   * Rejects with InputError `QUEUE_DIFFERS` where another node uses it with other settings, and where the settings of
   * the store cannot work.
   */
  async use(name: string, settings: QueueSettings, user: QueueUser): Promise<RecordQueue> {
    if (this.isClosed) throw closed();
    const known = this.known.get(name);
    if (known === undefined) return this.begin(name, settings, user);
    const isSame = JSON.stringify(known.settings) === JSON.stringify(settings);
    if (isSame) known.users.set(user.id, user);
    if (isSame) return known.queue;
    const [other] = [...known.users.values()].filter(({ id }) => id !== user.id);
    if (other !== undefined) throw differs(name, user, other);
    return this.begin(name, settings, user, known.queue);
  }

  /** As it was opened; undefined: no node has, or none uses it any more and it was opened with other settings since. */
  find(name: string): OpenQueue | undefined {
    return this.known.get(name);
  }

  /** The queue stays open: what it has handed on may still be settled. */
  leave(name: string, { id }: QueueUser): void {
    this.known.get(name)?.users.delete(id);
  }

  /** Resolves when what they used is free for the next ones. */
  async close(): Promise<void> {
    this.isClosed = true;
    const open = [...this.known.values()].map(({ queue }) => queue.then(shut, nothing));
    await Promise.all(open);
  }

  /** @param before whose place it takes */
  private begin(
    name: string,
    settings: QueueSettings,
    user: QueueUser,
    before?: Promise<RecordQueue>,
  ): Promise<RecordQueue> {
    const free = before === undefined ? Promise.resolve() : before.then(shut, nothing);
    const queue = free.then(() => this.open(name, settings));
    const known = { settings, queue, users: new Map([[user.id, user]]) };
    this.known.set(name, known);
    // What cannot be opened now may be by the next message, unless a person has to change something.
    queue.catch((error: unknown) => {
      const isLasting = error instanceof InputError;
      if (!isLasting && this.known.get(name) === known) this.known.delete(name);
    });
    return queue;
  }
}

function shut(queue: RecordQueue): Promise<void> {
  return queue.close();
}

function nothing(): void {
  // There is nothing to close.
}

function differs(name: string, user: QueueUser, other: QueueUser): InputError {
  return new InputError(
    'QUEUE_DIFFERS',
    `The nodes ${user.label} and ${other.label} use the queue ${JSON.stringify(name)} with different settings. Give both the same settings, or each a queue name of its own.`,
  );
}

function closed(): StopError {
  return new StopError('STOPPED', 'The flow was stopped before the store could be used.');
}
