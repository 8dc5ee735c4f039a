import type { FaultRule } from './fault-rules';
import type { Load } from './interference';
import type { KeepHistory } from './journal';
import type { OAuthSettings } from './oauth';

export interface SandboxOptions {
  /** TCP port on 127.0.0.1; 0, the default, takes a free one. */
  readonly port?: number;
  /** Source of every random decision. Default 1. */
  readonly seed?: number;
  /** Default `quiet`. */
  readonly load?: Load;
  /** Sales orders to start with. Default 200. */
  readonly orders?: number;
  /** Work orders to start with. Default 200. */
  readonly workOrders?: number;
  /** History and request log per record: all (default), none, or the newest n entries. */
  readonly keepHistory?: KeepHistory;
  /** Faults to start with. */
  readonly faults?: readonly FaultRule[];
  /** When given, the APIs want a bearer token; `{}` for the practice client. */
  readonly auth?: Partial<OAuthSettings>;
}
