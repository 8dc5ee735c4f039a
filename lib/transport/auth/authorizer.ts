import type { Headers } from '../headers';
import type { SendOptions } from '../transport';

/** Adds the credentials of one endpoint to its requests. */
export interface Authorizer {
  /**
   * Credential headers for one request; a promise where they have to be fetched. Rejects with FaultError (sent `no`)
   * when there are none to be had.
   */
  headers(options: SendOptions): Headers | Promise<Headers>;
  /**
   * Told that a request with these headers got a 401.
   * @returns whether it may be sent once more with fresh credentials
   */
  renew(used: Headers): boolean;
  /** Stops what is under way. */
  close(): void;
}
