import type { Outcome } from '../../lib/outcome/outcome';
import type { ConfigOf, Fields } from '../shared/fields';

/** One output: the outcomes it takes, or everything that no row before it took. */
export interface SwitchRow {
  outcomes: Outcome[];
  otherwise: boolean;
}

export const DEFAULT_ROWS: SwitchRow[] = [
  { outcomes: ['updated', 'unchanged', 'already-applied'], otherwise: false },
  { outcomes: ['retry'], otherwise: false },
  { outcomes: ['conflict', 'invalid-state', 'uncertain'], otherwise: false },
  { outcomes: [], otherwise: true },
];

export const SWITCH_FIELDS = {
  name: { kind: 'text', value: '' },
  /** Holds the update result. */
  result: { kind: 'place', value: 'update', label: 'shared.label.result' },
  rows: { kind: 'rows', value: DEFAULT_ROWS, lists: ['outcomes'], own: true },
  outputs: { kind: 'outputs', value: 4 },
} as const satisfies Fields;

export type ConflictSwitchConfig = ConfigOf<typeof SWITCH_FIELDS>;
