import type { AcquireOptions, Lease, NotAcquired, RecordLocks } from './lock';

/** Locks that are still being opened: whoever comes before waits for that. Rejects as the opening does. */
export class LateLocks implements RecordLocks {
  private opened: RecordLocks | undefined;
  private isClosed = false;

  constructor(private readonly opening: Promise<RecordLocks>) {
    opening.then(
      locks => {
        this.opened = locks;
        if (this.isClosed) locks.close();
      },
      // Told to whoever acquires.
      () => undefined,
    );
  }

  async acquire(key: string, options: AcquireOptions): Promise<Lease | NotAcquired> {
    return (await this.opening).acquire(key, options);
  }

  find(key: string, token: string): Lease | undefined {
    return this.opened?.find(key, token);
  }

  close(): void {
    this.isClosed = true;
    this.opened?.close();
  }
}
