import type { Lease, RecordLocks } from '../../../../lib/coordination/lock';
import { systemTime } from '../../../../lib/retry/time';
import type { ApiClient } from './api-client';
import { say } from './said';

export interface LockUserContext {
  readonly random: () => number;
  readonly api: ApiClient;
  readonly leaseMs: number;
  readonly number: number;
  readonly store: { readonly kind: 'redis' | 'file' };
  /** Waits a moment, too. */
  readonly onError: (error: unknown) => Promise<void>;
}

/** At the same time. */
const WANTING = 3;

/** One of them is a name that other programs use, too. */
const KEYS = ['http://mes/orders(1)', 'http://mes/orders(2)', 'LOCK:ORDER:3'];

/** Takes locks and works under them, longer than their lease now and then. */
export class LockUser {
  private isQuiet = false;
  private readonly work: Promise<unknown>;

  constructor(
    private readonly locks: RecordLocks,
    private readonly context: LockUserContext,
  ) {
    this.work = Promise.all(Array.from({ length: WANTING }, () => this.run()));
  }

  quiet(): void {
    this.isQuiet = true;
  }

  /** Says so when a lock could be taken. */
  async tellWorks(): Promise<void> {
    const { leaseMs } = this.context;
    const lease = await this.locks.acquire('works', { leaseMs, waitMs: 600_000 });
    if (!lease.granted) return;
    await lease.release();
    say({ say: 'works', what: 'locks' });
  }

  /** Not before all have left: closing gives back what is held. */
  async stop(): Promise<void> {
    this.isQuiet = true;
    await this.work;
    this.locks.close();
  }

  private async run(): Promise<void> {
    const { random, onError } = this.context;
    while (!this.isQuiet) {
      try {
        await this.once(KEYS[Math.floor(random() * KEYS.length)] ?? '');
        await systemTime.sleep(random() * 20);
      } catch (error) {
        await onError(error);
      }
    }
  }

  private async once(key: string): Promise<void> {
    const { leaseMs } = this.context;
    const isShared = key.startsWith('LOCK');
    const lease = await this.locks.acquire(key, { leaseMs, waitMs: 2 * leaseMs, isShared });
    if (!lease.granted) return;
    const isTold = await this.under(lease, key).then(
      () => true,
      () => false,
    );
    // One that is forgotten ends by itself, and so does one that the API may take to be there still.
    if (isTold && this.context.random() < 0.97) await lease.release();
  }

  private async under(lease: Lease, key: string): Promise<void> {
    const { random, api, leaseMs, store, number } = this.context;
    // Those of one process hold in that process.
    const place = store.kind === 'redis' ? key : `${key} ${number}`;
    const claim = (): Parameters<ApiClient['enter']>[0] => {
      const { fence, expiresAt } = lease;
      return { key: place, fence, expiresAt };
    };
    if (isLost(lease) || !(await api.enter(claim()))) return;
    say({ say: 'held' });
    const isLong = random() < 0.02;
    await systemTime.sleep(isLong ? 1.2 * leaseMs : random() * 30);
    if (random() < 0.2) await lease.extend(leaseMs);
    if (!isLost(lease)) await api.enter(claim());
    await api.leave(claim());
  }
}

function isLost({ signal }: Lease): boolean {
  return signal.aborted;
}
