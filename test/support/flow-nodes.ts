import { BACKOFF_FIELDS, type BackoffDelayConfig } from '../../nodes/backoff-delay/config';
import { BULK_DEFAULTS, type BulkUpdateConfig } from '../../nodes/bulk-update/config';
import {
  UPDATE_DEFAULTS,
  type ConditionalUpdateConfig,
} from '../../nodes/conditional-update/config';
import { MONITOR_FIELDS, type ConflictMonitorConfig } from '../../nodes/conflict-monitor/config';
import { DEFAULT_ROWS, type ConflictSwitchConfig } from '../../nodes/conflict-switch/config';
import { DEAD_LETTER_DEFAULTS, type DeadLetterConfig } from '../../nodes/dead-letter/config';
import { FETCH_FIELDS, type EtagFetchConfig } from '../../nodes/etag-fetch/config';
import { DEDUPE_DEFAULTS, type EventDedupeConfig } from '../../nodes/event-dedupe/config';
import { ENDPOINT_DEFAULTS, type RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { LOCK_FIELDS, type RecordLockConfig } from '../../nodes/record-lock/config';
import { STORE_DEFAULTS, type RecordStoreConfig } from '../../nodes/record-store/config';
import { defaultsOf } from '../../nodes/shared/fields';
import { GUARD_DEFAULTS, type TransitionGuardConfig } from '../../nodes/transition-guard/config';
import { QUEUE_DEFAULTS, type UpdateQueueConfig } from '../../nodes/update-queue/config';

/** One node as a flow file holds it. */
export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly wires?: readonly (readonly string[])[];
}

/** Id of the only tab. */
export const TAB = 'tab';

/** What leaves by each output: ids of the nodes that get it. */
type Wires = readonly (readonly string[])[];

const RECORD = { endpoint: 'endpoint', collection: 'salesorders', collectionType: 'str' } as const;

const ENDPOINT: RecordEndpointConfig = {
  ...ENDPOINT_DEFAULTS,
  server: 'practice',
  practiceLoad: 'quiet',
};

const FETCH: EtagFetchConfig = { ...defaultsOf(FETCH_FIELDS), ...RECORD };

const UPDATE: ConditionalUpdateConfig = { ...UPDATE_DEFAULTS, ...RECORD };

const BACKOFF: BackoffDelayConfig = { ...defaultsOf(BACKOFF_FIELDS), endpoint: 'endpoint' };

const LOCK: RecordLockConfig = { ...defaultsOf(LOCK_FIELDS), ...RECORD };

/** The settings of every endpoint below, as its dialog stores them. */
export function endpointConfig(config: Partial<RecordEndpointConfig> = {}): RecordEndpointConfig {
  return { ...ENDPOINT, ...config };
}

export function endpoint(config: Partial<RecordEndpointConfig> = {}, id = 'endpoint'): FlowNode {
  return { ...endpointConfig(config), id, type: 'record-endpoint' };
}

export function fetchNode(id: string, wires: Wires, config: Partial<EtagFetchConfig> = {}) {
  return inTab('etag-fetch', id, wires, { ...FETCH, ...config });
}

export function updateNode(
  id: string,
  wires: Wires,
  config: Partial<ConditionalUpdateConfig> = {},
) {
  return inTab('conditional-update', id, wires, { ...UPDATE, ...config });
}

export function bulkNode(id: string, wires: Wires, config: Partial<BulkUpdateConfig> = {}) {
  const defaults = { ...BULK_DEFAULTS, ...RECORD, outputs: wires.length };
  return inTab('bulk-update', id, wires, { ...defaults, ...config });
}

export function switchNode(id: string, wires: Wires, config: Partial<ConflictSwitchConfig> = {}) {
  const rows = config.rows ?? DEFAULT_ROWS;
  const defaults = { name: '', result: 'update', rows, outputs: rows.length };
  return inTab('conflict-switch', id, wires, { ...defaults, ...config });
}

export function backoffNode(id: string, wires: Wires, config: Partial<BackoffDelayConfig> = {}) {
  return inTab('backoff-delay', id, wires, { ...BACKOFF, ...config });
}

export function lockNode(id: string, wires: Wires, config: Partial<RecordLockConfig> = {}) {
  return inTab('record-lock', id, wires, { ...LOCK, ...config });
}

export function releaseNode(id: string, wires: Wires, config: Partial<RecordLockConfig> = {}) {
  return lockNode(id, wires, { action: 'release', outputs: 1, ...config });
}

export function guardNode(id: string, wires: Wires, config: Partial<TransitionGuardConfig> = {}) {
  return inTab('transition-guard', id, wires, { ...GUARD_DEFAULTS, ...config });
}

export function storeNode(config: Partial<RecordStoreConfig> = {}, id = 'store'): FlowNode {
  return { ...STORE_DEFAULTS, ...config, id, type: 'record-store' };
}

/** Uses the store above. */
export function dedupeNode(id: string, wires: Wires, config: Partial<EventDedupeConfig> = {}) {
  const defaults = { ...DEDUPE_DEFAULTS, store: 'store', outputs: wires.length };
  return inTab('event-dedupe', id, wires, { ...defaults, ...config });
}

/** Uses the store above. */
export function queueNode(id: string, wires: Wires, config: Partial<UpdateQueueConfig> = {}) {
  const defaults = { ...QUEUE_DEFAULTS, store: 'store', outputs: wires.length };
  return inTab('update-queue', id, wires, { ...defaults, ...config });
}

export function settleNode(id: string, wires: Wires, config: Partial<UpdateQueueConfig> = {}) {
  return queueNode(id, wires, { action: 'settle', store: '', ...config });
}

/** Looks at the endpoint above. */
export function monitorNode(id: string, wires: Wires, config: Partial<ConflictMonitorConfig> = {}) {
  const defaults = { ...defaultsOf(MONITOR_FIELDS), endpoint: 'endpoint' };
  return inTab('conflict-monitor', id, wires, { ...defaults, ...config });
}

/** Uses the store above. */
export function deadLetterNode(id: string, wires: Wires, config: Partial<DeadLetterConfig> = {}) {
  return inTab('dead-letter', id, wires, { ...DEAD_LETTER_DEFAULTS, store: 'store', ...config });
}

/** Nodes that collect what reaches them. */
export function inboxes(...ids: readonly string[]): FlowNode[] {
  return ids.map(id => inTab('helper', id, [], {}));
}

/** A Catch node for the whole tab and the inbox `caught` behind it. */
export function catcher(wires: readonly string[] = ['caught']): FlowNode[] {
  const scope = { scope: null, uncaught: false };
  return [inTab('catch', 'catch', [wires], scope), ...inboxes('caught')];
}

/** Only what has a place on the tab is no config node. */
function inTab(type: string, id: string, wires: Wires, config: object): FlowNode {
  const place = { z: TAB, x: 100, y: 100 };
  return { ...config, ...place, id, type, wires };
}
