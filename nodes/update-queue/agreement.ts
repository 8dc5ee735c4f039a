import { hostname } from 'node:os';
import type { Node } from 'node-red';
import { InputError } from '../../lib/errors';
import { setUnrefTimer } from '../../lib/retry/time';
import type { SharedRegister } from '../record-store/lookup';
import type { NodeAPI } from '../shared/node-api';
import type { UpdateQueueConfig } from './config';
import {
  differencesOf,
  labelOf,
  readUse,
  settingsInUse,
  wordsOf,
  type Difference,
  type QueueUse,
} from './use';

/** So often a node says how it uses its queue, and hears how others do. Milliseconds. */
const SAY_EVERY_MS = 10_000;

/**
 * Two Node-RED that share a queue go by their own settings each. Tells when these differ: once, and in the status as long
 * as they do. Changes nothing else, and what it cannot find out is no trouble of the queue.
 */
export class Agreement {
  private readonly use: QueueUse;
  private cancel = (): void => undefined;
  private isOver = false;
  private told = '';

  /** @param onDiffers called with the names of the settings that differ, as the dialog shows them; empty: none do any more */
  constructor(
    private readonly RED: Pick<NodeAPI, '_'>,
    private readonly node: Node,
    config: UpdateQueueConfig,
    private readonly shared: {
      readonly register: SharedRegister;
      readonly queue: string;
      readonly onDiffers: (settings: readonly string[]) => void;
    },
  ) {
    const { id, name } = node;
    this.use = {
      node: id,
      label: name === undefined || name === '' ? id : name,
      host: hostname(),
      since: new Date().toISOString(),
      settings: settingsInUse(config),
    };
    void this.say();
  }

  async stop(): Promise<void> {
    this.isOver = true;
    this.cancel();
    const { register, queue } = this.shared;
    // Otherwise it is forgotten by itself.
    await register.leave(queue, this.node.id).catch(() => undefined);
  }

  private async say(): Promise<void> {
    const { register, queue } = this.shared;
    try {
      const others = await register.announce(queue, this.node.id, JSON.stringify(this.use));
      if (!this.over()) this.compare(others);
    } catch (error) {
      if (error instanceof InputError) this.tellOnce(error.message, error.message);
    }
    if (!this.over()) this.cancel = setUnrefTimer(() => void this.say(), SAY_EVERY_MS);
  }

  private over(): boolean {
    return this.isOver;
  }

  private compare(others: readonly string[]): void {
    const found = others.flatMap(text => {
      const other = readUse(text);
      const differences = other === undefined ? [] : differencesOf(this.use, other);
      return other === undefined || differences.length === 0 ? [] : [{ other, differences }];
    });
    const names = found.flatMap(({ differences }) => differences.map(({ name }) => name));
    this.shared.onDiffers([...new Set(names)].map(name => this.RED._(labelOf(name))));
    const [first] = found;
    if (first === undefined) this.told = '';
    else this.tellOnce(JSON.stringify(first), this.inWords(first.other, first.differences));
  }

  private tellOnce(what: string, text: string): void {
    if (this.told !== what) this.node.warn(text);
    this.told = what;
  }

  private inWords({ label, host, since }: QueueUse, differences: readonly Difference[]): string {
    const { RED } = this;
    const settings = differences.map(({ name, here, there }) => {
      const words = (value: string): string => {
        const key = wordsOf(name, value);
        return key === undefined ? value : RED._(key);
      };
      const values = { label: RED._(labelOf(name)), here: words(here), there: words(there) };
      return RED._('update-queue.warn.setting', values);
    });
    const { queue } = this.shared;
    const values = { queue, label, host, since, settings: settings.join('; ') };
    return RED._('update-queue.warn.differs', values);
  }
}
