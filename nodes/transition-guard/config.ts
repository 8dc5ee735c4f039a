import type { MachineState } from '../../lib/lifecycle/machine';

export interface TransitionGuardConfig {
  name: string;
  /** Message property of the changes, usually `payload`. */
  changes: string;
  /** Field that holds the status, in the record and in the changes. */
  field: string;
  /** Whether the statuses are text or numbers. */
  stateType: 'text' | 'number';
  /** The state machine, a row per state. */
  states: MachineState[];
  /** `here`: required fields must be in the changes or in the record. `update`: conditional-update adds them, and checks. */
  required: 'here' | 'update';
  /** Time of the event; empty: not known. */
  eventTime: string;
  eventTimeType: 'msg' | 'jsonata' | 'flow' | 'global';
  /** Field of the record with the time since when it is in its status; empty: none. */
  sinceField: string;
  /** When the record counts as open in an operator's terminal. */
  openRule: 'off' | 'any' | 'other' | 'newer';
  /** Field that names who has the record open; empty: none. */
  openByField: string;
  /** Field with the time since when; empty: none. */
  openAtField: string;
  /** What the field holds when it is us; only with rule `other`. */
  openOurs: string;
  /** Only with rule `newer`. */
  openMinutes: number | string;
  /** What a record that is open leads to: the outcome `busy`, or `retry` for a wired loop that holds the message. */
  whenOpen: 'busy' | 'retry';
  /** A field that the record does not show counts as empty. */
  missingMeansEmpty: boolean;
  /** Send the steps of the shortest path, one message each, where the status cannot be reached in one. */
  steps: boolean;
  /** Message property of the snapshot, usually `record`. */
  record: string;
  /** Message property that receives the guard, usually `guard`. */
  guard: string;
  /** Message property that receives the result, usually `update`. */
  result: string;
}

/** What the dialog shows for a new node; also what a node saved by an earlier version lacks. */
export const GUARD_DEFAULTS: TransitionGuardConfig = {
  name: '',
  changes: 'payload',
  field: 'status',
  stateType: 'text',
  states: [],
  required: 'here',
  eventTime: 'event.at',
  eventTimeType: 'msg',
  sinceField: '',
  openRule: 'off',
  openByField: '',
  openAtField: '',
  openOurs: '',
  openMinutes: 15,
  whenOpen: 'busy',
  missingMeansEmpty: false,
  steps: false,
  record: 'record',
  guard: 'guard',
  result: 'update',
};
