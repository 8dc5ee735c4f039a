import type { InputError } from '../../errors';
import type { Cluster, Redis } from './client';
import { CLOSED, refusalOf, TIMED_OUT } from './faults';
import { giveUpSilent, messageOf, type Link } from './link';

/** Several servers that share the keys. */
export class ClusterLink implements Link {
  readonly isCluster = true;
  /** What nodes that cannot be reached said last, by their addresses. */
  private readonly troubles = new Map<string, string>();

  constructor(readonly client: Cluster) {
    client.on('+node', (node: Redis) => {
      giveUpSilent(node);
      catchAsking(node);
      node.on('ready', () => this.troubles.delete(addressOf(node)));
      // Otherwise it waits for a command, and does not say why it cannot be reached.
      if (node.options.readOnly !== true) node.connect().catch(() => undefined);
    });
    client.on('node error', (error: Error, address: string) => {
      if (error.message !== CLOSED) this.troubles.set(address, error.message);
    });
  }

  masters(): readonly Redis[] {
    return this.client.nodes('master');
  }

  /** Any of them will do: what is published on one is heard on all. */
  newListener(): Redis | undefined {
    const node = this.masters().find(({ status }) => status === 'ready');
    return node?.duplicate({ enableOfflineQueue: false });
  }

  renew(onRenewed: () => void): void {
    for (const node of this.masters()) {
      node.ping().catch((error: unknown) => {
        dropSilent(node, error);
      });
    }
    this.client.refreshSlotsCache(error => {
      // Nobody of those we know answers: the addresses in the settings may know others.
      const isLost = error?.name === 'ClusterAllFailedError' && this.client.status === 'ready';
      if (isLost) this.client.disconnect(true);
      else onRenewed();
    });
  }

  reasonOf(error: unknown): InputError | string {
    const words = messageOf((error as { lastNodeError?: unknown }).lastNodeError ?? error);
    const reason = isVague(words) ? (this.trouble() ?? words) : words;
    return refusalOf(reason) ?? reason;
  }

  private trouble(): string | undefined {
    const [latest] = [...this.troubles].slice(-1);
    return latest === undefined ? undefined : `${latest[1]} (${latest[0]})`;
  }
}

/** It does not say why a node cannot be reached. */
function isVague(words: string): boolean {
  return words.includes(CLOSED) || words.startsWith('Too many Cluster redirections');
}

function addressOf({ options: { host = '', port = 0 } }: Redis): string {
  return `${host}:${port}`;
}

/** It is connected anew when it is needed. */
function dropSilent(node: Redis, error: unknown): void {
  if (messageOf(error) === TIMED_OUT) node.disconnect();
}

/** The client announces with it what it was redirected for (ASK), and hears nothing of its failing; the command itself fails, too. */
function catchAsking(node: Redis): void {
  const asking = node.asking.bind(node);
  node.asking = () => {
    const answer = asking();
    answer.catch(() => undefined);
    return answer;
  };
}
