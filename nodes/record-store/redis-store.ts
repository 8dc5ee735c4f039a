import type { Node } from 'node-red';
import { LateLocks } from '../../lib/coordination/late-locks';
import type { RecordLocks } from '../../lib/coordination/lock';
import type { ConnectionState, RedisConnection } from '../../lib/coordination/redis/connection';
import type { Finding } from '../../lib/coordination/redis/findings';
import type { RedisLocks } from '../../lib/coordination/redis/locks';
import type { QueueRegister } from '../../lib/coordination/queue/queue-register';
import type { QueueStore, StoreState } from '../../lib/coordination/queue/queue-store';
import type { SeenEvents } from '../../lib/coordination/seen-events';
import type { StoreTrouble } from '../../lib/coordination/store-trouble';
import { StopError } from '../../lib/errors';
import type { CounterStore } from '../../lib/monitor/counter-store';
import { systemTime } from '../../lib/retry/time';
import type { DeadLetterStore } from '../../lib/review/store/store';
import type { NodeAPI } from '../shared/node-api';
import { Announced } from './announced';
import type { RecordStoreConfig, RecordStoreCredentials } from './config';
import { Counters } from './counters';
import type { OwnedStore, StoreStart } from './lookup';
import { NamedStores } from './named-stores';
import { Queues } from './queues';
import type * as Parts from './redis-parts';
import { redisSettings } from './redis-settings';
import { strandedIn, type StrandedQueue } from './stranded';
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
  readonly queueRegister: Announced;
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
    this.queueRegister = new Announced(
      start.run,
      this.opening.then(({ register }) => register),
    );
    this.locks = new LateLocks(this.opening.then(({ locks }) => locks));
  }

  readonly seenEvents = async (): Promise<SeenEvents> => {
    if (this.isClosed) throw closed();
    return (await this.opening).events;
  };

  readonly deadLetters = (name: string): Promise<DeadLetterStore> =>
    this.isClosed ? Promise.reject(closed()) : this.letters.of(name);

  readonly strandedQueues = async (): Promise<readonly StrandedQueue[]> => {
    const { register } = await this.opening;
    return strandedIn(this.queues, {
      names: () => register.names(),
      stateOf: name => this.stateOf(name),
      isUsedElsewhere: async name => (await register.users(name)).length > 0,
    });
  };

  async close(): Promise<void> {
    this.isClosed = true;
    this.locks.close();
    const opened = await this.opening.catch(() => undefined);
    if (opened === undefined) return;
    const timeOut = new AbortController();
    const late = systemTime.sleep(GIVE_BACK_MS, timeOut.signal).catch(() => undefined);
    const closing = [
      opened.locks.settled(),
      this.queueRegister.close().catch(() => undefined),
      this.queues.close(),
      this.counters.close(),
      this.letters.close(),
    ];
    await Promise.race([Promise.all(closing), late]);
    timeOut.abort();
    opened.connection.close();
  }

  private async openQueue(name: string): Promise<QueueStore> {
    const { connection, parts } = await this.opening;
    return parts.createRedisQueueStore({ runner: connection, name });
  }

  private async stateOf(name: string): Promise<StoreState> {
    const store = await this.openQueue(name);
    try {
      return await store.state();
    } finally {
      await store.close();
    }
  }

  private async openCounters(name: string): Promise<CounterStore> {
    const { connection: runner, parts } = await this.opening;
    return parts.createRedisCounters({ runner, time: systemTime, name, run: this.start.run });
  }

  private async openLetters(name: string): Promise<DeadLetterStore> {
    const { connection, parts } = await this.opening;
    return parts.createRedisDeadLetters({ runner: connection, name });
  }

  /** Rejects with InputError when the settings cannot work, or the client is missing. */
  private async open(): Promise<Opened> {
    if (this.start.fault !== undefined) throw this.start.fault;
    const { RED, node, config } = this;
    const settings = redisSettings(RED, config, node.credentials);
    const { onState, onFindings } = this;
    const parts = await import('./redis-parts.js');
    const connection = await parts.RedisConnection.open(settings, {
      time: systemTime,
      onState,
      onFindings,
    });
    const locks = parts.createRedisLocks({
      runner: connection,
      time: systemTime,
      outage: config.outage,
      onForever: this.onForever,
    });
    const register = parts.createRedisQueueRegister(connection);
    const events = parts.createRedisSeenEvents(connection);
    return { parts, connection, locks, register, events };
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
  readonly parts: Pick<
    typeof Parts,
    'createRedisQueueStore' | 'createRedisCounters' | 'createRedisDeadLetters'
  >;
  readonly connection: RedisConnection;
  readonly locks: RedisLocks;
  readonly register: QueueRegister;
  readonly events: SeenEvents;
}
