import type { SetTimer } from '../retry/time';
import type { ReviewDesk } from './desk';

/** Milliseconds: so often it is looked for changes, and listeners hear no more often. */
const LOOK_EVERY_MS = 1_000;

type Listener = Parameters<ReviewDesk['onChange']>[0];

interface Parts {
  readonly setTimer: SetTimer;
  /** Looks into the store. Rejects while that is away. Resolves to another number whenever something has changed. */
  readonly look: () => Promise<number>;
  /** What there is to tell after a look. */
  readonly news: () => Parameters<Listener>;
}

/** Tells of changes, whoever made them: this process, or another one on the same store. Looks only while somebody listens. */
export class Telling {
  private readonly listeners = new Set<Listener>();
  private cancel: (() => void) | undefined;
  private isClosed = false;
  private hasNews = false;
  private turn = -1;

  constructor(private readonly parts: Parts) {}

  /** Until the returned function is called. What there is in the beginning is told, too. */
  listen(listener: Listener): () => void {
    const own: Listener = (counts, bulk) => {
      listener(counts, bulk);
    };
    this.listeners.add(own);
    this.lookLater();
    return () => {
      this.listeners.delete(own);
    };
  }

  /** There is something to tell that no look into the store shows. */
  changed(): void {
    this.hasNews = true;
  }

  close(): void {
    this.isClosed = true;
    this.cancel?.();
    this.listeners.clear();
  }

  private lookLater(): void {
    if (this.isClosed || this.listeners.size === 0 || this.cancel !== undefined) return;
    const again = (): void => {
      this.cancel = undefined;
      this.lookLater();
    };
    this.cancel = this.parts.setTimer(() => {
      // A listener that throws must neither end Node-RED nor the telling.
      this.tell().then(again, again);
    }, LOOK_EVERY_MS);
  }

  /** Never rejects: a store that is away has its own way to say so. */
  private async tell(): Promise<void> {
    const turn = await this.parts.look().catch(() => undefined);
    if (turn === undefined || (turn === this.turn && !this.hasNews)) return;
    this.turn = turn;
    this.hasNews = false;
    const news = this.parts.news();
    for (const listener of this.listeners) listener(...news);
  }
}
