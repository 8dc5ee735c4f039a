import type { InputError } from '../../errors';
import { setUnrefTimer } from '../../retry/time';
import { ANSWER_MS, type Redis } from './client';

/** What the client of one server and that of a cluster have in common. */
interface StoreClient {
  readonly status: string;
  connect(): Promise<void>;
  disconnect(reconnect?: boolean): void;
  evalsha(sha: string, count: number, ...rest: (string | number)[]): Promise<unknown>;
  eval(lua: string, count: number, ...rest: (string | number)[]): Promise<unknown>;
  on(event: 'ready' | 'close' | 'end' | 'error', listener: (error: Error) => void): unknown;
}

/** A client, with what differs by what is behind it. */
export interface Link {
  readonly client: StoreClient;
  /** Whether it works in part and only asking tells: of one server the connection itself does. */
  readonly isCluster: boolean;
  /** The servers that hold keys. */
  masters(): readonly Redis[];
  /** A client that may hear messages, not connected yet; undefined: none can be made now. */
  newListener(): Redis | undefined;
  /** Connects anew what may be dead although it looks alive. @param onRenewed called where the client does not tell */
  renew(onRenewed: () => void): void;
  /** Why the client failed: an error that only a person can put right, or words. */
  reasonOf(error: unknown): InputError | string;
}

/** Not ready so long after the connection was made: whatever is at the other end does not answer. Milliseconds. */
const READY_MS = 2 * ANSWER_MS;

/** A server that takes the connection and then says nothing must not hold us up for ever. */
export function giveUpSilent(client: Redis): void {
  let cancel = (): void => undefined;
  client.on('connect', () => {
    cancel();
    cancel = setUnrefTimer(() => {
      if (client.status === 'connect') client.disconnect(true);
    }, READY_MS);
  });
  for (const event of ['ready', 'close', 'end']) client.on(event, () => cancel());
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
