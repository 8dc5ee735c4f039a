import type { Node, NodeAPI } from 'node-red';
import { LateLocks } from '../../lib/coordination/late-locks';
import type { RecordLocks } from '../../lib/coordination/lock';
import { RedisConnection, type ConnectionState } from '../../lib/coordination/redis/connection';
import type { Finding } from '../../lib/coordination/redis/findings';
import { createRedisLocks, type RedisLocks } from '../../lib/coordination/redis/locks';
import type { QueueStore } from '../../lib/coordination/queue/queue-store';
import { createRedisQueueStore } from '../../lib/coordination/redis/queue-store';
import { createRedisSeenEvents } from '../../lib/coordination/redis/seen-events';
import type { SeenEvents } from '../../lib/coordination/seen-events';
import type { StoreTrouble } from '../../lib/coordination/store-trouble';
import { StopError } from '../../lib/errors';
import type { CounterStore } from '../../lib/monitor/counter-store';
import { createRedisCounters } from '../../lib/monitor/redis-counters';
import { systemTime } from '../../lib/retry/time';
import { createRedisDeadLetters } from '../../lib/review/store/redis-store';
import type { DeadLetterStore } from '../../lib/review/store/store';
import type { RecordStoreConfig, RecordStoreCredentials } from './config';
import { Counters } from './counters';
import type { OwnedStore, StoreStart } from './lookup';
import { NamedStores } from './named-stores';
import { Queues } from './queues';
import { redisSettings } from './redis-settings';
import { Told } from './told';

/** What is given back when a store closes has so long to reach Redis. Milliseconds. */
const GIVE_BACK_MS = 500;

/** A store that all Node-RED on one Redis or Valkey share. The connection comes back by itself. */
export class RedisStore implements OwnedStore {
  readonly troubles = new Told<StoreTrouble | undefined>(undefined);
  readonly connection = new Told<ConnectionState | undefined>({
    kind: 'connecting',
    since: systemTime.now(),
  });
  readonly locks: RecordLocks;
  readonly queues = new Queues(name => this.openQueue(name));
  readonly counters = new Counters(endpoint => this.openCounters(endpoint));
  private readonly letters = new NamedStores(name => this.openLetters(name));
  private readonly opening: Promise<Opened>;
  private isClosed = false;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node<RecordStoreCredentials>,
    private readonly config: RecordStoreConfig,
    private readonly start: StoreStart,
  ) {
    this.opening = this.open();
    this.locks = new LateLocks(this.opening.then(({ locks }) => locks));
  }

  readonly seenEvents = async (): Promise<SeenEvents> => {
    if (this.isClosed) throw closed();
    return (await this.opening).events;
  };

  readonly deadLetters = (name: string): Promise<DeadLetterStore> =>
    this.isClosed ? Promise.reject(closed()) : this.letters.of(name);

  async close(): Promise<void> {
    this.isClosed = true;
    this.locks.close();
    const opened = await this.opening.catch(() => undefined);
    if (opened === undefined) return;
    const timeOut = new AbortController();
    const late = systemTime.sleep(GIVE_BACK_MS, timeOut.signal).catch(() => undefined);
    const closing = [
      opened.locks.settled(),
      this.queues.close(),
      this.counters.close(),
      this.letters.close(),
    ];
    await Promise.race([Promise.all(closing), late]);
    timeOut.abort();
    opened.connection.close();
  }

  private async openQueue(name: string): Promise<QueueStore> {
    const { connection } = await this.opening;
    return createRedisQueueStore({ runner: connection, name });
  }

  private async openCounters(name: string): Promise<CounterStore> {
    const { connection: runner } = await this.opening;
    return createRedisCounters({ runner, time: systemTime, name, run: this.start.run });
  }

  private async openLetters(name: string): Promise<DeadLetterStore> {
    const { connection } = await this.opening;
    return createRedisDeadLetters({ runner: connection, name });
  }

  /** Rejects with InputError when the settings cannot work, or the client is missing. */
  private async open(): Promise<Opened> {
    if (this.start.fault !== undefined) throw this.start.fault;
    const { RED, node, config } = this;
    const settings = redisSettings(RED, config, node.credentials);
    const { onState, onFindings } = this;
    const connection = await RedisConnection.open(settings, {
      time: systemTime,
      onState,
      onFindings,
    });
    const locks = createRedisLocks({
      runner: connection,
      time: systemTime,
      outage: config.outage,
      onForever: this.onForever,
    });
    return { connection, locks, events: createRedisSeenEvents(connection) };
  }

  private readonly onState = (state: ConnectionState): void => {
    this.connection.tell(state);
    if (state.kind === 'connected') this.node.log(this.RED._('record-store.log.connected'));
    if (state.kind !== 'disconnected') return;
    this.node.warn(this.RED._('record-store.warn.disconnected', { why: state.why ?? '' }));
  };

  private readonly onFindings = (findings: readonly Finding[]): void => {
    for (const { kind, values } of findings) {
      this.node.warn(this.RED._(`record-store.warn.${kind}`, values));
    }
  };

  private readonly onForever = (lock: string): void => {
    this.node.warn(this.RED._('record-store.warn.forever', { lock }));
  };
}

function closed(): StopError {
  return new StopError('STOPPED', 'The flow was stopped before the store could be used.');
}

interface Opened {
  readonly connection: RedisConnection;
  readonly locks: RedisLocks;
  readonly events: SeenEvents;
}
