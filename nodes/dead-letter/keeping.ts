import { randomUUID } from 'node:crypto';
import type { Node } from 'node-red';
import { InputError, StopError } from '../../lib/errors';
import { setUnrefTimer, systemTime } from '../../lib/retry/time';
import type { Changed } from '../../lib/review/letters';
import { Review, type ReviewSettings } from '../../lib/review/review';
import type { ReviewCounts, ReviewDesk } from '../../lib/review/desk';
import type { DeadLetterStore } from '../../lib/review/store/store';
import { storeOf } from '../record-store/lookup';
import type { NodeAPI } from '../shared/node-api';
import { GRACE_MS, type Begin } from '../shared/on-input';
import type { Scope } from '../shared/scope';
import { settingsOf } from '../shared/settings';
import type { StatusLine } from '../shared/status';
import { arrivingIn, updateToKeep } from './arriving';
import { DEAD_LETTER_FIELDS, type DeadLetterConfig } from './config';
import { control, controlIn } from './control';
import { Outgoing, type DoneMembers } from './outgoing';
import { createSourceRunner } from './source-runner';

const DAY_MS = 86_400_000;
const MB = 1_000_000;
const KB = 1_000;

/** What is over goes this often. Milliseconds. */
const SWEEP_EVERY_MS = 3_600_000;

/** How often a store is looked for that could not be opened, and how long it is left alone. Milliseconds. */
const LOOK_AGAIN_MS = 5_000;
const RETRY_MS = 1_000;

interface Opened {
  readonly store: DeadLetterStore;
  readonly review: Review;
}

interface Shared {
  readonly status: StatusLine;
  readonly begin: Begin;
}

/** A list of dead letters: takes in what needs a person, and lets it be settled. */
export class Keeping {
  private readonly outgoing: Outgoing;
  private readonly stopping = new AbortController();
  private readonly killing = new AbortController();
  private opening: Promise<Opened> | undefined;
  private review: Review | undefined;
  private cancelNext = (): void => undefined;
  private hasWarned = false;
  /** Why it could not be opened, as it was said last. */
  private told = '';
  private evicted = 0;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly config: DeadLetterConfig,
    private readonly shared: Shared,
  ) {
    this.outgoing = new Outgoing(shared.begin, config);
  }

  /** At once: what is in the list is to be seen before the next message comes. */
  start(): void {
    this.opened().then(
      ({ review }) => {
        this.sweep(review);
      },
      (error: unknown) => {
        this.notOpened(error);
      },
    );
  }

  /** Settings stay as they are until the next deploy; a store that is away comes back. */
  private notOpened(error: unknown): void {
    if (this.stopping.signal.aborted) return;
    this.shared.status.notDone(isInUse(error) ? 'in-use' : 'error');
    const message = error instanceof Error ? error.message : String(error);
    if (message !== this.told) this.node.error(message);
    this.told = message;
    if (error instanceof InputError && !isInUse(error)) return;
    this.cancelNext = setUnrefTimer(() => {
      this.start();
    }, LOOK_AGAIN_MS);
  }

  readonly desk = async (): Promise<ReviewDesk> => this.paced((await this.opened()).review);

  /** A message: an update that needs a person, or what a flow wants done. */
  async take(scope: Scope): Promise<void> {
    const { config } = this;
    for (const place of [config.result, config.record, config.review]) scope.checkPlace(place);
    const wanted = controlIn(scope, config.review);
    if (wanted === undefined) {
      await this.keep(scope);
      return;
    }
    const { done, answer, isRefused } = await control(await this.desk(), wanted);
    scope.msg.payload = answer === undefined ? null : answer;
    scope.set(config.review, done);
    const outputs = [null, null, scope.msg];
    if (isRefused) scope.send(outputs, 'refused');
    else scope.send(outputs);
  }

  async close(): Promise<void> {
    this.cancelNext();
    // A store that is away is not waited for.
    const { review } = this;
    review?.close();
    this.stopping.abort(new Error('The flow is being stopped.'));
    const grace = setTimeout(() => {
      this.killing.abort(new Error('The flow is being stopped.'));
    }, GRACE_MS);
    await review?.idle();
    clearTimeout(grace);
  }

  private async keep(scope: Scope): Promise<void> {
    const { review, store } = await this.opened();
    const arriving = arrivingIn(scope, this.config);
    const kept: Changed[] = [];
    for (const one of arriving) {
      kept.push(await review.add(await updateToKeep(one, this.config)));
    }
    const isDurable = store.isDurable && kept.every(({ saved }) => saved);
    if (!isDurable) this.warnOnce();
    for (const [nth, { entry, revision, isNew }] of kept.entries()) {
      const told = arriving.length === 1 ? scope : (arriving[nth]?.scope ?? scope);
      const done: DoneMembers & object = { did: 'kept', id: entry.id };
      const more = { revision, isNew, failures: entry.failures };
      told.set(this.config.review, { ...done, ...more, ...(isDurable ? {} : { durable: false }) });
      told.send([null, null, told.msg]);
    }
  }

  private warnOnce(): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    this.node.warn(this.RED._('dead-letter.warn.not-durable'));
  }

  /** What cannot be opened now may be when it is asked for again. */
  private opened(): Promise<Opened> {
    if (this.stopping.signal.aborted) return Promise.reject(closed());
    if (this.opening !== undefined) return this.opening;
    const opening = this.open();
    this.opening = opening;
    opening.catch(() => {
      setUnrefTimer(() => {
        if (this.opening === opening) this.opening = undefined;
      }, RETRY_MS);
    });
    return opening;
  }

  private async open(): Promise<Opened> {
    const { RED, node, config, outgoing } = this;
    const settings = reviewSettings(config);
    const name = listName(config, node);
    const store = await storeOf(RED, config.store).deadLetters(name);
    const review = new Review({
      store,
      settings,
      runner: createSourceRunner(RED, { stop: this.stopping.signal, kill: this.killing.signal }),
      time: systemTime,
      newToken: randomUUID,
      setTimer: setUnrefTimer,
      onExpired: entry => {
        this.send(() => {
          outgoing.expired(entry);
        });
      },
      onEvicted: () => {
        this.tellEvicted();
      },
      onActed: (act, result, before) => {
        if (result.kind !== 'settled') return;
        this.send(() => {
          outgoing.settled(act, result, before);
        });
      },
    });
    if (this.stopping.signal.aborted) throw closed();
    this.review = review;
    review.onChange(this.show);
    this.show(await review.counts());
    return { store, review };
  }

  /** It is settled, whatever becomes of its message. */
  private send(send: () => void): void {
    try {
      send();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.node.warn(this.RED._('dead-letter.warn.not-sent', { why }));
    }
  }

  private tellEvicted(): void {
    if (this.evicted++ > 0) return;
    this.node.warn(this.RED._('dead-letter.warn.evicted'));
  }

  private readonly show = ({ open, isFull }: ReviewCounts): void => {
    const { status } = this.shared;
    if (isFull) status.ended(() => status.translated('full', { number: open }), false);
    else if (open > 0) status.ended(() => status.translated('open', { number: open }), false);
    else status.done('empty');
  };

  private sweep(review: Review): void {
    // Where the store is away, the next time does it.
    review.sweep().catch(() => undefined);
    this.cancelNext = setUnrefTimer(() => {
      this.sweep(review);
    }, SWEEP_EVERY_MS);
  }

  /** The pace is the dialog's where a plan names none. */
  private paced(review: Review): ReviewDesk {
    const perSecond = settingsOf(DEAD_LETTER_FIELDS, this.config).number('perSecond');
    return {
      list: query => review.list(query),
      get: id => review.get(id),
      look: id => review.look(id),
      act: act => review.act(act),
      plan: wish => review.plan({ perSecond, ...wish }),
      start: id => review.start(id),
      stop: () => review.stop(),
      progress: () => review.progress(),
      counts: () => review.counts(),
      onChange: listener => review.onChange(listener),
    };
  }
}

function reviewSettings(config: DeadLetterConfig): ReviewSettings {
  const read = settingsOf(DEAD_LETTER_FIELDS, config);
  return {
    entries: read.number('limit'),
    bytes: Math.round(read.number('limitSize') * MB),
    entryBytes: Math.round(read.number('entrySize') * KB),
    keepSettledMs: read.number('keepSettled') * DAY_MS,
    keepOpenMs: read.number('keepOpen') * DAY_MS,
  };
}

function closed(): StopError {
  return new StopError('STOPPED', 'The flow was stopped before the store could be used.');
}

export function isInUse(error: unknown): boolean {
  return error instanceof InputError && error.code === 'STORE_IN_USE';
}

/** What nodes that share their entries have in common, beside their store. */
export function listName({ listName: given }: DeadLetterConfig, { id }: Pick<Node, 'id'>): string {
  const name = given.trim();
  return name === '' ? id : name;
}
