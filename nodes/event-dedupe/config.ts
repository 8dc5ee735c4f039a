export interface EventDedupeConfig {
  name: string;
  /** `check`: claims the event, to be confirmed later. `check-confirm`: both at once. */
  action: 'check' | 'check-confirm' | 'confirm' | 'forget';
  /** Id of the record-store node. */
  store: string;
  /** What tells events apart. Not `id`: that is the node's own. */
  eventId: string;
  eventIdType: 'msg' | 'jsonata' | 'flow' | 'global';
  /** How long a confirmed event is remembered. */
  window: number | string;
  windowUnit: 'seconds' | 'minutes' | 'hours';
  /** Seconds after which a claim that was neither confirmed nor forgotten ends. */
  claim: number | string;
  /** Also treat as a duplicate: the same record sent to the same status again, whatever the event's id. */
  same: boolean;
  /** Seconds; only with `same`. */
  sameWindow: number | string;
  key: string;
  keyType: 'msg' | 'str' | 'num' | 'json' | 'flow' | 'global' | 'env' | 'jsonata';
  /** The status an event asks for; only with `same`. */
  target: string;
  targetType: 'msg' | 'str' | 'jsonata' | 'flow' | 'global';
  /** Message property that carries the claim, usually `event`; members it already has stay. */
  event: string;
  /** 2 when checking (first, duplicate), else 1. */
  outputs: number;
}

/** What the dialog shows for a new node; also what a node saved by an earlier version lacks. */
export const DEDUPE_DEFAULTS: EventDedupeConfig = {
  name: '',
  action: 'check',
  store: '',
  eventId: 'event.id',
  eventIdType: 'msg',
  window: 24,
  windowUnit: 'hours',
  claim: 300,
  same: false,
  sameWindow: 60,
  key: 'key',
  keyType: 'msg',
  target: 'payload.status',
  targetType: 'msg',
  event: 'event',
  outputs: 2,
};
