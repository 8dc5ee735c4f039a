import { hashText } from '../random';
import type { Schema } from '../records/field-types';
import type { Versioning } from '../records/store';

/** The members of a work center that the sandbox's own people and jobs know; a document may hold others. */
export const WORK_CENTER_SCHEMA: Schema = {
  name: { type: 'text' },
  status: { type: 'option', options: ['Running', 'Idle', 'Down', 'Maintenance'] },
  operator: { type: 'text' },
  shift: { type: 'option', options: ['Early', 'Late', 'Night'] },
  targetRate: { type: 'decimal', precision: 2 },
  notes: { type: 'text' },
  partsMade: { type: 'integer', background: true },
  temperature: { type: 'decimal', precision: 1, background: true },
  energyUsed: { type: 'decimal', precision: 2, background: true },
};

/** What a new work center holds where nothing else is given. */
export const WORK_CENTER_DEFAULTS = {
  status: 'Running',
  operator: '',
  shift: 'Early',
  notes: '',
  partsMade: 0,
  temperature: 21.5,
  energyUsed: 0,
} as const;

/** Revisions such as `3-9fb0…`: a generation and 128 bits that only this change of this document has. */
export function revisions(): Versioning {
  return {
    first: (_, previous = 0) => previous + 1,
    next: previous => previous + 1,
    etag: (version, serial) => {
      const change = `${String(serial)}/${String(version)}`;
      const parts = [1, 2, 3, 4].map(seed => hashText(change, seed).toString(16).padStart(8, '0'));
      return `${String(version)}-${parts.join('')}`;
    },
    stamp: ({ values, etag }) => {
      values._rev = etag;
    },
  };
}
