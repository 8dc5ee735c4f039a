import type { BulkSettings } from './bulk/settings';
import type { FaultRule } from './faults/fault-rules';
import type { OAuthSettings } from './oauth';
import type { Encounter } from './people/encounters';
import type { Load } from './people/interference';
import type { KeepHistory } from './records/journal';
import type { RecordKind } from './records/record-kinds';

/** How many records of each kind there are to start with. Default: 200 orders and work orders, no shifts, 50 others. */
export type RecordCounts = Readonly<Partial<Record<RecordKind, number>>>;

export interface SandboxOptions extends RecordCounts {
  /** TCP port on 127.0.0.1; 0, the default, takes a free one. */
  readonly port?: number;
  /** Source of every random decision. Default 1. */
  readonly seed?: number;
  /** Default `quiet`. */
  readonly load?: Load;
  /** What the writes of single records always meet. Default: nothing. */
  readonly encounters?: readonly Encounter[];
  /** History and request log per record: all (default), none, or the newest n entries. */
  readonly keepHistory?: KeepHistory;
  /** Faults to start with. */
  readonly faults?: readonly FaultRule[];
  /** When given, the APIs want a bearer token; `{}` for the practice client. */
  readonly auth?: Partial<OAuthSettings>;
  /** Reads of a territory assignment that are outdated after each change of it. Default 0. */
  readonly staleReads?: number;
  /** Sets without records that each OData API describes besides its own. Default 0. */
  readonly describedSets?: number;
  /** How many records go with one request, and what becomes of such requests. */
  readonly bulk?: Readonly<Partial<BulkSettings>>;
}
