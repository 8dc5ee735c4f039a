import type { Schema } from '../field-types';

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
