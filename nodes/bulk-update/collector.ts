import { InputError, StopError } from '../../lib/errors';
import type { Scope } from '../shared/scope';
import { MOST_ITEMS } from './config';
import type { Item, ItemFace, Items } from './items';

/** One message that waits for its record. */
export interface Waiting {
  readonly scope: Scope;
  readonly item: Item;
  readonly face: ItemFace;
  /** Its place in a sequence. */
  readonly place: number;
  /** The message is over once `pass` has passed it on, or has thrown. Only the first end counts. */
  end(pass: () => void): void;
}

/** Collected messages as the items of a run. */
export function itemsOf(waiting: readonly Waiting[]): Items {
  const at = (index: number): Waiting => {
    const one = waiting[index];
    if (one === undefined) throw new RangeError(`there is no message ${String(index)}`);
    return one;
  };
  return {
    length: waiting.length,
    at: index => at(index).item,
    face: index => at(index).face,
    called: () => '',
  };
}

/** Those that make one run. */
interface Collection {
  readonly waiting: Waiting[];
  /** How many make it complete; undefined: not known yet. */
  count: number | undefined;
  readonly timer: NodeJS.Timeout | undefined;
}

/** How a message belongs to others. */
export interface Belonging {
  /** Messages with the same id make one run. */
  readonly id: string;
  readonly place: number;
  readonly count: number | undefined;
}

/** Keeps messages until there are enough of them, their time is over, or they are asked for. */
export class Collector {
  private readonly collections = new Map<string, Collection>();
  private held = 0;
  private isListening = false;

  /**
   * @param ms since the first message of a collection; undefined: as long as it takes
   * @param run is given the messages in their order; never rejects
   * @param onHeld told how many messages are waiting
   */
  constructor(
    private readonly ms: number | undefined,
    private readonly run: (waiting: readonly Waiting[]) => void,
    private readonly onHeld: (held: number) => void,
  ) {}

  /** Resolves when the record of the message is over and the message has been passed on. */
  add(
    scope: Scope,
    made: Pick<Waiting, 'item' | 'face'>,
    { id, place, count }: Belonging,
  ): Promise<void> {
    // It was read while the flow stopped, and nobody comes to end it any more.
    if (scope.stop.aborted) stopped(made);
    if (this.held >= MOST_ITEMS) throw tooMany();
    this.endWith(scope.stop);
    return new Promise((resolve, reject) => {
      const end = (pass: () => void): void => {
        try {
          pass();
          resolve();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const collection = this.collections.get(id) ?? this.begin(id);
      collection.waiting.push({ scope, place, end, ...made });
      collection.count = count ?? collection.count;
      this.held++;
      this.onHeld(this.held);
      if (collection.waiting.length >= (collection.count ?? Infinity)) this.release(id);
    });
  }

  /** Begins the run of those with this id, or of all, with what there is. */
  release(id?: string): void {
    for (const known of id === undefined ? [...this.collections.keys()] : [id]) {
      const waiting = this.take(known);
      if (waiting.length > 0) this.run(waiting);
    }
  }

  private begin(id: string): Collection {
    const { ms } = this;
    const release = (): void => {
      this.release(id);
    };
    const timer = ms === undefined ? undefined : setTimeout(release, ms);
    const collection = { waiting: [], count: undefined, timer };
    this.collections.set(id, collection);
    return collection;
  }

  private take(id: string): Waiting[] {
    const collection = this.collections.get(id);
    if (collection === undefined) return [];
    this.collections.delete(id);
    clearTimeout(collection.timer);
    this.held -= collection.waiting.length;
    // Stable: messages that are no sequence stay in the order in which they came.
    return collection.waiting.sort((one, other) => one.place - other.place);
  }

  private endWith(stop: AbortSignal): void {
    if (this.isListening) return;
    this.isListening = true;
    stop.addEventListener('abort', () => {
      for (const id of [...this.collections.keys()]) {
        for (const one of this.take(id)) one.end(() => stopped(one));
      }
    });
  }
}

/** For whoever has not begun. */
export function stopped({ item: { ref } }: Pick<Waiting, 'item'>): never {
  throw new StopError(
    'STOPPED',
    `The flow was stopped before the update of record ${JSON.stringify(ref.key)} began.`,
  );
}

function tooMany(): InputError {
  return new InputError(
    'QUEUE_FULL',
    `${String(MOST_ITEMS)} messages are waiting for the others of their sequence already. Look for what keeps those back, or end the waiting with msg.complete.`,
  );
}
