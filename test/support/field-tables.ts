import { BACKOFF_FIELDS } from '../../nodes/backoff-delay/config';
import { BULK_FIELDS } from '../../nodes/bulk-update/config';
import { UPDATE_FIELDS } from '../../nodes/conditional-update/config';
import { MONITOR_FIELDS } from '../../nodes/conflict-monitor/config';
import { SWITCH_FIELDS } from '../../nodes/conflict-switch/config';
import { DEAD_LETTER_FIELDS } from '../../nodes/dead-letter/config';
import { FETCH_FIELDS } from '../../nodes/etag-fetch/config';
import { DEDUPE_FIELDS } from '../../nodes/event-dedupe/config';
import { ENDPOINT_FIELDS } from '../../nodes/record-endpoint/config';
import { LOCK_FIELDS } from '../../nodes/record-lock/config';
import { STORE_FIELDS } from '../../nodes/record-store/config';
import type { Fields } from '../../nodes/shared/fields';
import { GUARD_FIELDS } from '../../nodes/transition-guard/config';
import { QUEUE_FIELDS } from '../../nodes/update-queue/config';

/** The table of fields of every node type. */
export const FIELD_TABLES: Readonly<Record<string, Fields>> = {
  'backoff-delay': BACKOFF_FIELDS,
  'bulk-update': BULK_FIELDS,
  'conditional-update': UPDATE_FIELDS,
  'conflict-monitor': MONITOR_FIELDS,
  'conflict-switch': SWITCH_FIELDS,
  'dead-letter': DEAD_LETTER_FIELDS,
  'etag-fetch': FETCH_FIELDS,
  'event-dedupe': DEDUPE_FIELDS,
  'record-endpoint': ENDPOINT_FIELDS,
  'record-lock': LOCK_FIELDS,
  'record-store': STORE_FIELDS,
  'transition-guard': GUARD_FIELDS,
  'update-queue': QUEUE_FIELDS,
};
