import type { Schema } from '../records/field-types';
import type { Versioning } from '../records/store';

export const WORK_ORDER_STATUSES = [
  'Released',
  'In Progress',
  'On Hold',
  'Rework',
  'Complete',
  'Closed',
  'Cancelled',
] as const;

export type WorkOrderStatus = (typeof WORK_ORDER_STATUSES)[number];

/** The statuses that may follow each status. */
export const NEXT_STATUSES: Readonly<Record<WorkOrderStatus, readonly WorkOrderStatus[]>> = {
  Released: ['In Progress', 'Cancelled'],
  'In Progress': ['Complete', 'On Hold', 'Rework'],
  'On Hold': ['In Progress'],
  Rework: ['In Progress'],
  Complete: ['Closed'],
  Closed: [],
  Cancelled: [],
};

/** What must be filled in before a work order may go to Rework. */
export const REWORK_FIELDS = [
  'reworkReasonCode',
  'defectType',
  'qualityHoldStatus',
  'reworkInstructions',
  'originalOperationId',
] as const;

/** The properties of a work order. */
export const WORK_ORDER_SCHEMA: Schema = {
  workOrderId: { type: 'text', readOnly: true },
  status: { type: 'option', options: WORK_ORDER_STATUSES },
  statusSince: { type: 'date-time' },
  lastEventId: { type: 'text' },
  openedBy: { type: 'text', readOnly: true },
  openedAt: { type: 'date-time', readOnly: true },
  productCode: { type: 'text' },
  workCenter: { type: 'text' },
  priority: { type: 'integer' },
  quantity: { type: 'decimal', precision: 3 },
  quantityCompleted: { type: 'decimal', precision: 3 },
  scheduledStart: { type: 'date-time' },
  completionTimestamp: { type: 'date-time' },
  notes: { type: 'text' },
  reworkReasonCode: { type: 'text' },
  defectType: { type: 'text' },
  qualityHoldStatus: { type: 'text' },
  reworkInstructions: { type: 'text' },
  originalOperationId: { type: 'text' },
  materialStatus: {
    type: 'option',
    options: ['Staged', 'Issued', 'Short', 'Returned'],
    background: true,
  },
  laborMinutes: { type: 'integer', background: true },
  machineCycles: { type: 'integer', background: true },
  version: { type: 'integer', readOnly: true },
  modifiedAt: { type: 'date-time', readOnly: true },
  modifiedBy: { type: 'text', readOnly: true },
};

/** What a new work order holds where nothing else is given. */
export const WORK_ORDER_DEFAULTS = {
  status: 'Released',
  statusSince: '2025-02-03T00:00:00.000Z',
  priority: 5,
  quantity: 100,
  quantityCompleted: 0,
  materialStatus: 'Staged',
  laborMinutes: 0,
  machineCycles: 0,
} as const;

/** Strong ETags `"v7"` from a counter in each record, which the body shows as `version` too. */
export function recordVersions(): Versioning {
  return {
    first: ({ version }, previous = 0) => (typeof version === 'number' ? version : previous + 1),
    next: previous => previous + 1,
    etag: version => `"v${String(version)}"`,
    stamp: ({ values, version }, at, writer) => {
      values.version = version;
      values.modifiedAt = at;
      values.modifiedBy = writer;
    },
  };
}
