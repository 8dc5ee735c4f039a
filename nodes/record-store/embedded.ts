import type { Node } from 'node-red';
import { createInProcessLocks } from '../../lib/coordination/in-process-locks';
import {
  createInProcessSeenEvents,
  type InProcessSeenEvents,
} from '../../lib/coordination/in-process-seen-events';
import { readClosedQueue } from '../../lib/coordination/queue/closed-queue';
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
import type { NodeAPI } from '../shared/node-api';
import { settingsOf } from '../shared/settings';
import { STORE_FIELDS, type RecordStoreConfig } from './config';
import { Counters } from './counters';
import {
  countersFile,
  fileInUse,
  isHashed,
  journalFile,
  lettersFile,
  queueFile,
  queuesIn,
} from './file-names';
import type { OwnedStore, StoreStart } from './lookup';
import { NamedStores } from './named-stores';
import { Queues } from './queues';
import { strandedIn, type StrandedQueue } from './stranded';
import { Told } from './told';

/** What a store in this process owns: its locks, and the events seen and the queues, in memory and in their files. */
export class EmbeddedStore implements OwnedStore {
  readonly troubles = new Told<StoreTrouble | undefined>(undefined);
  readonly connection = new Told<undefined>(undefined);
  readonly locks = createInProcessLocks({ time: systemTime });
  readonly queues = new Queues(name => this.openQueue(name));
  readonly queueRegister = undefined;
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

  readonly strandedQueues = (): Promise<readonly StrandedQueue[]> => {
    const { userDir } = this.RED.settings;
    const folder = this.config.keep === 'file' ? userDir : undefined;
    return strandedIn(this.queues, {
      names: async () => (folder === undefined ? [] : this.queuesIn(folder)),
      stateOf: async name => {
        if (folder === undefined) return undefined;
        const file = await fileInUse(queueFile(folder, this.node.id, name), name);
        return (await readClosedQueue(file, systemTime))?.state;
      },
      // Their file would be theirs.
      isUsedElsewhere: () => Promise.resolve(false),
    });
  };

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
    const options = await this.namedOptions(queueFile, name);
    const kept = isHashed(name) ? { ...options, name } : options;
    return this.opened(await createInProcessQueueStore(kept));
  }

  private async openLetters(name: string): Promise<DeadLetterStore> {
    return this.opened(
      await createInProcessDeadLetters(await this.namedOptions(lettersFile, name)),
    );
  }

  private async queuesIn(userDir: string): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const found of await queuesIn(userDir, this.node.id)) {
      const name =
        'name' in found ? found.name : (await readClosedQueue(found.path, systemTime))?.name;
      if (name !== undefined) names.add(name);
    }
    return [...names];
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

  /** Where a person has chosen the name. */
  private async namedOptions(
    fileOf: typeof queueFile,
    name: string,
  ): Promise<InProcessQueueStoreOptions> {
    const { journal, ...options } = this.storeOptions(fileOf, name);
    if (journal === undefined) return options;
    return { ...options, journal: await fileInUse(journal, name) };
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
