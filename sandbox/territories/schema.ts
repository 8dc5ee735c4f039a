import { hashText } from '../random';
import type { Schema } from '../records/field-types';
import type { Versioning } from '../records/store';

/** The properties of a territory assignment. */
export const ASSIGNMENT_SCHEMA: Schema = {
  id: { type: 'text', readOnly: true },
  territoryName: { type: 'text' },
  salesRepId: { type: 'text' },
  region: { type: 'option', options: ['EMEA', 'AMER', 'APJ'] },
  status: { type: 'option', options: ['Active', 'Pending', 'Inactive'] },
  validFrom: { type: 'date' },
  validTo: { type: 'date' },
  priority: { type: 'integer' },
  quota: { type: 'decimal', precision: 2 },
  notes: { type: 'text' },
  accountCount: { type: 'integer', background: true },
  syncStatus: { type: 'option', options: ['Queued', 'Synced', 'Failed'], background: true },
  coverageScore: { type: 'decimal', precision: 3, background: true },
  etag: { type: 'text', readOnly: true },
  modifiedAt: { type: 'date-time', readOnly: true },
  modifiedBy: { type: 'text', readOnly: true },
};

/** What a new assignment holds where nothing else is given. */
export const ASSIGNMENT_DEFAULTS = {
  region: 'EMEA',
  status: 'Active',
  priority: 5,
  accountCount: 0,
  syncStatus: 'Synced',
  coverageScore: 0.5,
} as const;

/** Strong ETags that tell nothing about which is newer; the body shows the same text. */
export function hashedVersions(): Versioning {
  return {
    first: (_, previous = 0) => previous + 1,
    next: previous => previous + 1,
    etag: (version, serial) => {
      const mark = hashText(`${String(serial)}/${String(version)}`, 0);
      return `"${mark.toString(16).padStart(8, '0')}-${String(version)}"`;
    },
    stamp: ({ values, etag }, at, writer) => {
      values.etag = etag;
      values.modifiedAt = at;
      values.modifiedBy = writer;
    },
  };
}
