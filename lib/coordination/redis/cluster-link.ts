import type { InputError } from '../../errors';
import type { Cluster, Redis } from './client';
import { refusalOf, TIMED_OUT } from './faults';
import { giveUpSilent, wordsOf, type Link } from './link';

/** What the client says of a node that it is not connected to: why is said elsewhere. */
const CLOSED = 'Connection is closed.';

/** Several servers that share the keys. */
export class ClusterLink implements Link {
  readonly isCluster = true;
  /** What a node said last that cannot be reached. */
  private nodeTrouble: string | undefined;

  constructor(readonly client: Cluster) {
    client.on('+node', (node: Redis) => {
      giveUpSilent(node);
      catchAsking(node);
      node.on('ready', () => (this.nodeTrouble = undefined));
    });
    client.on('node error', (error: Error, address: string) => {
      if (error.message !== CLOSED) this.nodeTrouble = `${error.message} (${address})`;
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
    for (const node of this.masters()) node.ping().catch(error => dropSilent(node, error));
    this.client.refreshSlotsCache(error => {
      // Nobody of those we know answers: the addresses in the settings may know others.
      const isLost = error?.name === 'ClusterAllFailedError' && this.client.status === 'ready';
      if (isLost) this.client.disconnect(true);
      else onRenewed();
    });
  }

  reasonOf(error: unknown): InputError | string {
    const words = wordsOf((error as { lastNodeError?: unknown }).lastNodeError ?? error);
    const reason = words.includes(CLOSED) ? (this.nodeTrouble ?? words) : words;
    return refusalOf(reason) ?? reason;
  }
}

/** It is connected anew when it is needed. */
function dropSilent(node: Redis, error: unknown): void {
  if (wordsOf(error) === TIMED_OUT) node.disconnect();
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
