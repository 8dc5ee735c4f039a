import type { Outcome } from '../../lib/outcome/outcome';

/** One output: the outcomes it takes, or everything that no row before it took. */
export interface SwitchRow {
  outcomes: Outcome[];
  otherwise: boolean;
}

export interface ConflictSwitchConfig {
  name: string;
  /** Message property that holds the update result, usually `update`. */
  result: string;
  rows: SwitchRow[];
  outputs: number;
}

export const DEFAULT_ROWS: SwitchRow[] = [
  { outcomes: ['updated', 'unchanged', 'already-applied'], otherwise: false },
  { outcomes: ['retry'], otherwise: false },
  { outcomes: ['conflict', 'invalid-state', 'uncertain'], otherwise: false },
  { outcomes: [], otherwise: true },
];
