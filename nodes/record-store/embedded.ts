import { join } from 'node:path';
import type { Node, NodeAPI } from 'node-red';
import { createInProcessLocks } from '../../lib/coordination/in-process-locks';
import {
  createInProcessSeenEvents,
  type InProcessSeenEvents,
} from '../../lib/coordination/in-process-seen-events';
import {
  createInProcessQueueStore,
  type InProcessQueueStore,
  type InProcessQueueStoreOptions,
} from '../../lib/coordination/queue/in-process-store';
import type { QueueStore } from '../../lib/coordination/queue/queue-store';
import type { SeenEvents } from '../../lib/coordination/seen-events';
import type { StoreTrouble } from '../../lib/coordination/store-trouble';
import { InputError, StopError } from '../../lib/errors';
import type { CounterStore } from '../../lib/monitor/counter-store';
import { createInProcessCounters } from '../../lib/monitor/in-process-counters';
import { systemTime } from '../../lib/retry/time';
import { createInProcessDeadLetters } from '../../lib/review/store/in-process-store';
import type { DeadLetterStore } from '../../lib/review/store/store';
import { settingsOf } from '../shared/settings';
import { STORE_FIELDS, type RecordStoreConfig } from './config';
import { Counters } from './counters';
import type { OwnedStore, StoreStart } from './lookup';
import { NamedStores } from './named-stores';
import { Queues } from './queues';
import { Told } from './told';

/** What a store in this process owns: its locks, and the events seen and the queues, in memory and in their files. */
export class EmbeddedStore implements OwnedStore {
  readonly troubles = new Told<StoreTrouble | undefined>(undefined);
  readonly connection = new Told<undefined>(undefined);
  readonly locks = createInProcessLocks({ time: systemTime });
  readonly queues = new Queues(name => this.openQueue(name));
  readonly counters = new Counters(endpoint => this.openCounters(endpoint));
  private readonly letters = new NamedStores(name => this.openLetters(name));
  /** What is wrong with the files of queues, dead letters and counters. */
  private readonly files = new Set<Pick<InProcessQueueStore, 'trouble'>>();
  private loading: Promise<SeenEvents> | undefined;
  private events: InProcessSeenEvents | undefined;
  /** Why there is no file although there should be one. */
  private noFile: StoreTrouble | undefined;
  private readonly closing = new AbortController();

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly config: RecordStoreConfig,
    private readonly start: StoreStart,
  ) {}

  readonly seenEvents = (): Promise<SeenEvents> =>
    this.closing.signal.aborted ? Promise.reject(closed()) : (this.loading ??= this.loadOnce());

  readonly deadLetters = (name: string): Promise<DeadLetterStore> =>
    this.closing.signal.aborted ? Promise.reject(closed()) : this.letters.of(name);

  /** Resolves when the file is free for the next one. */
  async close(): Promise<void> {
    this.closing.abort();
    this.locks.close();
    const events = await this.loading?.catch(() => undefined);
    await Promise.all([
      events?.close(),
      this.queues.close(),
      this.counters.close(),
      this.letters.close(),
    ]);
  }

  /** Settings that cannot work stay so until the next deploy; anything else may have passed by the next message. */
  private loadOnce(): Promise<SeenEvents> {
    return this.load().catch((error: unknown) => {
      if (!(error instanceof InputError)) this.loading = undefined;
      throw error;
    });
  }

  private async load(): Promise<SeenEvents> {
    this.checkSettings();
    const limit = settingsOf(STORE_FIELDS, this.config).number('limit');
    const file = this.file();
    this.events = await createInProcessSeenEvents({
      time: systemTime,
      limit,
      ...(file === undefined ? {} : { journal: file }),
      onTrouble: this.onTrouble,
      signal: this.closing.signal,
    });
    // What was told while the file was opened may be over, and hide what is not.
    if (this.events.trouble !== undefined) this.troubles.tell(this.events.trouble);
    return this.events;
  }

  private async openQueue(name: string): Promise<QueueStore> {
    return this.opened(await createInProcessQueueStore(this.storeOptions(queueFile, name)));
  }

  private async openLetters(name: string): Promise<DeadLetterStore> {
    return this.opened(await createInProcessDeadLetters(this.storeOptions(lettersFile, name)));
  }

  private async openCounters(endpoint: string): Promise<CounterStore> {
    const options = this.storeOptions(countersFile, endpoint);
    return this.opened(await createInProcessCounters({ ...options, run: this.start.run }));
  }

  private opened<Store extends Pick<InProcessQueueStore, 'trouble'>>(store: Store): Store {
    this.files.add(store);
    if (store.trouble !== undefined) this.troubles.tell(store.trouble);
    return store;
  }

  /** Throws InputError when the settings cannot work. */
  private storeOptions(fileOf: typeof queueFile, name: string): InProcessQueueStoreOptions {
    this.checkSettings();
    const { userDir } = this.RED.settings;
    const isFile = this.config.keep !== 'memory' && userDir !== undefined;
    return {
      time: systemTime,
      ...(isFile ? { journal: fileOf(userDir, this.node.id, name) } : {}),
      onTrouble: this.onTrouble,
      signal: this.closing.signal,
    };
  }

  private checkSettings(): void {
    if (this.start.fault !== undefined) throw this.start.fault;
  }

  private file(): string | undefined {
    if (this.config.keep === 'memory') return undefined;
    const { userDir } = this.RED.settings;
    if (userDir !== undefined) return journalFile(userDir, this.node.id);
    this.noFile = NO_USER_DIR;
    this.onTrouble(NO_USER_DIR);
    return undefined;
  }

  private readonly onTrouble = (trouble: StoreTrouble | undefined): void => {
    if (trouble !== undefined) this.node.warn(this.inWords(trouble));
    // When one is over, another may be left.
    const ofFiles = [...this.files].map(store => store.trouble);
    const left = [this.events?.trouble, ...ofFiles].find(one => one !== undefined);
    this.troubles.tell(left ?? trouble ?? this.noFile);
  };

  private inWords({ said }: StoreTrouble): string {
    return this.RED._(`record-store.warn.${said.text}`, said.values);
  }
}

const NO_USER_DIR: StoreTrouble = {
  kind: 'unwritable',
  message:
    'Node-RED has no user directory, so what the store holds, seen events and waiting updates, is kept in memory only and a restart forgets it. Set userDir in the settings file, or choose "in memory only" under Keep.',
  said: { text: 'no-user-dir', values: {} },
};

function closed(): StopError {
  return new StopError('STOPPED', 'The flow was stopped before the store could be used.');
}

/** The file that keeps a store's seen events. The node's id outlives deploys and restarts, its name may not. */
export function journalFile(userDir: string, storeId: string): string {
  return join(userDir, 'record-updates', `${fileName(storeId)}.seen-events.journal`);
}

/** The file that keeps a queue: its name is the same in every Node-RED with the same flow. */
export function queueFile(userDir: string, storeId: string, queue: string): string {
  const name = `${fileName(storeId)}.${fileName(queue)}.update-queue.journal`;
  return join(userDir, 'record-updates', name);
}

/** The file that keeps what an endpoint has counted. */
function countersFile(userDir: string, storeId: string, endpoint: string): string {
  const name = `${fileName(storeId)}.${fileName(endpoint)}.counters.journal`;
  return join(userDir, 'record-updates', name);
}

/** The same for dead letters. */
function lettersFile(userDir: string, storeId: string, list: string): string {
  const name = `${fileName(storeId)}.${fileName(list)}.dead-letters.journal`;
  return join(userDir, 'record-updates', name);
}

/** What encodeURIComponent leaves as it is, but not every file system does. */
const UNSAFE = /[.*!'()~]/g;

function fileName(id: string): string {
  return encodeURIComponent(id).replace(
    UNSAFE,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
