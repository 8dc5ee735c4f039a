import { join } from 'node:path';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import {
  createInProcessSeenEvents,
  type InProcessSeenEvents,
} from '../../lib/coordination/in-process-seen-events';
import type { SeenEvents } from '../../lib/coordination/seen-events';
import type { StoreTrouble } from '../../lib/coordination/store-trouble';
import { InputError, StopError } from '../../lib/errors';
import { systemTime } from '../../lib/retry/time';
import { complete, faultIn } from '../shared/saved';
import { settingsOf } from '../shared/settings';
import { STORE_FIELDS, type RecordStoreConfig } from './config';
import type { RecordStoreFace, StoreTroubles } from './lookup';

/** What is wrong with the store, and who wants to know. */
class Troubles implements StoreTroubles {
  private readonly listeners = new Set<() => void>();
  private latest: StoreTrouble | undefined;

  get current(): StoreTrouble | undefined {
    return this.latest;
  }

  tell(trouble: StoreTrouble | undefined): void {
    this.latest = trouble;
    for (const listener of [...this.listeners]) listener();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}

/** What one store owns: the events seen, in memory and in their file. */
class Store {
  readonly troubles = new Troubles();
  private loading: Promise<SeenEvents> | undefined;
  private events: InProcessSeenEvents | undefined;
  /** Why there is no file although there should be one. */
  private noFile: StoreTrouble | undefined;
  private readonly closing = new AbortController();

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly config: RecordStoreConfig,
    private readonly fault: InputError | undefined,
  ) {}

  readonly seenEvents = (): Promise<SeenEvents> =>
    this.closing.signal.aborted ? Promise.reject(closed()) : (this.loading ??= this.loadOnce());

  /** Resolves when the file is free for the next one. */
  async close(): Promise<void> {
    this.closing.abort();
    const events = await this.loading?.catch(() => undefined);
    await events?.close();
  }

  /** Settings that cannot work stay so until the next deploy; anything else may have passed by the next message. */
  private loadOnce(): Promise<SeenEvents> {
    return this.load().catch((error: unknown) => {
      if (!(error instanceof InputError)) this.loading = undefined;
      throw error;
    });
  }

  private async load(): Promise<SeenEvents> {
    if (this.fault !== undefined) throw this.fault;
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
    this.troubles.tell(this.events?.trouble ?? trouble ?? this.noFile);
  };

  private inWords({ said }: StoreTrouble): string {
    return this.RED._(`record-store.warn.${said.text}`, said.values);
  }
}

const NO_USER_DIR: StoreTrouble = {
  kind: 'unwritable',
  message:
    'Node-RED has no user directory, so the events seen are kept in memory only and a restart forgets them. Set userDir in the settings file, or choose "in memory only" under Keep.',
  said: { text: 'no-user-dir', values: {} },
};

function closed(): StopError {
  return new StopError('STOPPED', 'The flow was stopped before the store could be used.');
}

/** The file that keeps a store's seen events. The node's id outlives deploys and restarts, its name may not. */
export function journalFile(userDir: string, storeId: string): string {
  return join(userDir, 'record-updates', `${fileName(storeId)}.seen-events.journal`);
}

/** What encodeURIComponent leaves as it is, but not every file system does. */
const UNSAFE = /[.*!'()~]/g;

function fileName(id: string): string {
  return encodeURIComponent(id).replace(
    UNSAFE,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export default function (RED: NodeAPI): void {
  function RecordStore(this: Node, saved: NodeDef & RecordStoreConfig): void {
    RED.nodes.createNode(this, saved);
    // A store saved by an earlier version lacks what has come since.
    const config = complete(STORE_FIELDS, saved);
    const store = new Store(RED, this, config, faultIn(STORE_FIELDS, saved));
    const { troubles, seenEvents } = store;
    Object.assign<Node, RecordStoreFace>(this, { troubles, seenEvents });
    this.on('close', (done: () => void) => {
      void store.close().then(done, done);
    });
    // At once: what is wrong with the file is to be seen before the first message needs it.
    seenEvents().catch((error: unknown) => {
      this.error(error instanceof Error ? error.message : String(error));
    });
  }

  RED.nodes.registerType('record-store', RecordStore);
}
