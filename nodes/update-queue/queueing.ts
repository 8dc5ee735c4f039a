import type { Node } from 'node-red';
import type {
  GivenUp,
  PutResult,
  QueuedUpdate,
  RecordQueue,
  Taken,
} from '../../lib/coordination/queue/queue';
import { StoreUnavailable } from '../../lib/coordination/redis/faults';
import { InputError, StopError } from '../../lib/errors';
import { storeOf, type QueueUser, type RecordStoreNode } from '../record-store/lookup';
import type { NodeAPI } from '../shared/node-api';
import type { Begin } from '../shared/on-input';
import type { Scope } from '../shared/scope';
import type { StatusLine } from '../shared/status';
import { Agreement } from './agreement';
import type { UpdateQueueConfig } from './config';
import { control, controlIn } from './control';
import { updateIn } from './incoming';
import { LiveCounts } from './live-counts';
import { Outgoing, UnreadableMessage } from './outgoing';
import { Pump } from './pump';
import { queueSettings } from './settings';

/** How long a store that cannot be opened is left alone. Milliseconds. */
const RETRY_MS = 1_000;

/** So often a store is looked at that other processes use too. Milliseconds. */
const LOOK_EVERY_MS = 1_000;

interface Opened {
  readonly queue: RecordQueue;
  readonly counts: LiveCounts;
  /** Resolves when nothing is being taken any more. */
  close(): Promise<void>;
}

/** A node of action "queue": takes updates in, and hands them on as soon as they may be. */
export class Queueing {
  private opening: Promise<Opened> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private isOver = false;
  private hasWarned = false;
  private readonly outgoing: Outgoing;
  private readonly name: string;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly config: UpdateQueueConfig,
    private readonly line: {
      readonly status: StatusLine;
      readonly begin: Begin;
      /** False: there is none. */
      readonly showOutage: () => boolean;
    },
  ) {
    const given = config.queueName.trim();
    this.name = given === '' ? node.id : given;
    this.outgoing = new Outgoing(line.begin, config, { store: config.store, queue: this.name });
  }

  /** At once: what waits from before a restart needs no message to go on. */
  start(): void {
    this.open().catch((error: unknown) => {
      if (this.isOver) return;
      this.onFailure(error);
      if (error instanceof InputError) this.node.error(error.message);
      else this.startLater();
    });
  }

  async take(scope: Scope): Promise<void> {
    const { config } = this;
    const action = controlIn(scope, config.ticket);
    if (action === undefined) {
      await this.put(scope);
      return;
    }
    const { queue, counts } = await this.open();
    scope.set(config.ticket, await control(queue, action));
    counts.touch();
    if (config.counters) scope.send([null, null, null, scope.msg]);
  }

  async close(): Promise<void> {
    this.isOver = true;
    clearTimeout(this.retry);
    const opened = await this.opening?.catch(() => undefined);
    await opened?.close();
  }

  private async put(scope: Scope): Promise<void> {
    const update = await updateIn(scope, this.config);
    const { queue, counts } = await this.open();
    const result = await queue.put(update);
    counts.touch();
    if (result.state === 'superseded') {
      this.outgoing.late(scope);
      return;
    }
    this.noteDurability(scope, result);
    for (const one of result.superseded) this.outgoing.superseded(one);
  }

  /** Told once: every message says it. */
  private noteDurability(
    { node, translate }: Scope,
    { durable }: Exclude<PutResult, { readonly state: 'superseded' }>,
  ): void {
    if (!durable && !this.hasWarned) node.warn(translate('update-queue.warn.not-durable'));
    this.hasWarned = !durable;
    this.outgoing.isSaved = durable;
  }

  private startLater(): void {
    this.retry = setTimeout(() => {
      this.start();
    }, RETRY_MS);
    this.retry.unref();
  }

  /** What cannot be opened now may be by the next message. */
  private open(): Promise<Opened> {
    this.opening ??= this.openOnce().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  private async openOnce(): Promise<Opened> {
    const { RED, config, name } = this;
    const store = storeOf(RED, config.store);
    const settings = queueSettings(config);
    const user = this.user();
    const open = store.queues.use(name, settings, user);
    const queue = await open.queue;
    this.outgoing.store = await open.store;
    const counts = new LiveCounts(queue, this.line.status);
    const isShared = store.connection.current !== undefined;
    const pump = this.pump(queue, counts, {
      most: settings.dispatch.parallel,
      lookEveryMs: isShared ? LOOK_EVERY_MS : undefined,
    });
    const unwatch = this.watch(queue);
    const agreement = this.agreement(store.queueRegister, counts);
    const close = async (): Promise<void> => {
      // At once: another node may take its place.
      store.queues.leave(name, user);
      counts.stop();
      await Promise.all([pump.stop(), agreement?.stop()]);
      unwatch();
    };
    if (this.isOver) await close();
    return { queue, counts, close };
  }

  private agreement(
    register: RecordStoreNode['queueRegister'],
    { differs }: LiveCounts,
  ): Agreement | undefined {
    if (register === undefined) return undefined;
    const shared = { register, queue: this.name, onDiffers: differs };
    return new Agreement(this.RED, this.node, this.config, shared);
  }

  private user(): QueueUser {
    const { id, name } = this.node;
    const { changes } = this.config;
    return { id, changes, label: JSON.stringify(name === undefined || name === '' ? id : name) };
  }

  private pump(
    queue: RecordQueue,
    counts: LiveCounts,
    often: { readonly most: number; readonly lookEveryMs: number | undefined },
  ): Pump {
    return new Pump(queue, {
      ...often,
      now: Date.now,
      onTaken: taken => {
        this.handOn(queue, taken, counts);
      },
      onTooLate: taken => giveBack(queue, taken),
      onRound: counts.touch,
      onFailure: this.onFailure,
    });
  }

  private handOn(queue: RecordQueue, taken: Taken, { latest }: LiveCounts): void {
    try {
      this.outgoing.next(taken, latest);
    } catch (error) {
      if (error instanceof UnreadableMessage) {
        this.giveUpUnread(queue, taken);
        return;
      }
      const isStopped = error instanceof StopError;
      if (!isStopped) this.tellUnpassed(taken, error);
      // Nobody got it: it must be free to be taken again, here or elsewhere. What failed may fail again.
      const back = isStopped ? giveBack(queue, taken) : this.postpone(queue, taken);
      // Where that fails it comes back by itself when its lease is over.
      void back.catch(() => undefined);
    }
  }

  /** It could not be made a message of: it is tried again later, and not for ever. */
  private async postpone(queue: RecordQueue, taken: Taken): Promise<void> {
    const again = {
      kind: 'again',
      metConflict: false,
      dueAt: undefined,
      fate: 'as-stored',
    } as const;
    const { state } = await queue.settle(taken.ticket, again);
    if (state === 'given-up') this.tellGivenUp(taken);
  }

  /** Another try would find the same. */
  private giveUpUnread(queue: RecordQueue, taken: Taken): void {
    const ended = queue.settle(taken.ticket, { kind: 'given-up', metConflict: false });
    // Where that fails it comes back by itself when its lease is over.
    ended
      .then(({ state }) => {
        if (state === 'given-up') this.tellUnread(taken);
      })
      .catch(() => undefined);
  }

  private tellUnpassed({ update: { record } }: Taken, error: unknown): void {
    this.onFailure(error);
    const why = error instanceof Error ? error.message : String(error);
    this.node.error(this.RED._('update-queue.warn.unpassed', { record, why }));
  }

  private watch(queue: RecordQueue): () => void {
    const unwatches = [
      queue.onSuperseded(update => {
        this.tell(update, 'superseded', () => {
          this.outgoing.superseded(update);
        });
      }),
      queue.onGivenUp(givenUp => {
        if (givenUp.unread !== undefined) {
          this.tellUnread(givenUp);
          return;
        }
        const { record } = givenUp.update;
        const number = givenUp.deliveries;
        this.node.warn(this.RED._('update-queue.warn.unsettled', { record, number }));
        this.tellGivenUp(givenUp);
      }),
    ];
    return () => {
      for (const unwatch of unwatches) unwatch();
    };
  }

  private tellUnread(givenUp: GivenUp): void {
    const { record } = givenUp.update;
    this.node.error(this.RED._('update-queue.warn.unread', { record, queue: this.name }));
    this.tellGivenUp(givenUp);
  }

  private tellGivenUp(givenUp: GivenUp): void {
    this.tell(givenUp.update, 'given-up', () => {
      this.outgoing.givenUp(givenUp);
    });
  }

  /** What has left the queue and cannot be passed on must not go unheard. */
  private tell({ record }: QueuedUpdate, left: 'superseded' | 'given-up', send: () => void): void {
    const { RED } = this;
    try {
      send();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const how = RED._(`update-queue.status.${left}`);
      this.node.error(RED._('update-queue.warn.untold', { record, how, why }));
    }
  }

  /** Whoever watches the connection shows an outage, and since when. */
  private readonly onFailure = (error: unknown): void => {
    if (error instanceof StoreUnavailable || this.line.showOutage()) return;
    const isInUse = error instanceof InputError && error.code === 'STORE_IN_USE';
    this.line.status.notDone(isInUse ? 'in-use' : 'error');
  };
}

function giveBack(queue: RecordQueue, { ticket }: Taken): Promise<unknown> {
  return queue.settle(ticket, { kind: 'unseen' });
}
