/** Which queues a store that several processes share has ever had, and who uses them now. Texts are opaque. */
export interface QueueRegister {
  /**
   * Says that somebody uses a queue, for `USED_MS`. Rejects as the store does: StoreUnavailable, InputError.
   * @param user names them among all processes
   * @returns what the others have said, who said so within that time
   */
  announce(queue: string, user: string, text: string): Promise<readonly string[]>;
  leave(queue: string, user: string): Promise<void>;
  /** Of queues that were ever announced. */
  names(): Promise<readonly string[]>;
  /** What those have said who use it now. */
  users(queue: string): Promise<readonly string[]>;
}

/** Who uses a queue says so anew in less than that. Milliseconds. */
export const USED_MS = 35_000;
