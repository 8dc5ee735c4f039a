import type { TransitionGuard } from '../../lib/lifecycle/guard';
import type { StateMachine } from '../../lib/lifecycle/machine';
import type { Fields } from '../../lib/record/fields';
import type { UpdateOutput } from '../../lib/update/known';
import { Engine, type EngineOptions, type RequestPart } from './engine';
import { preceded, startRecordApi, type RecordApi, type RecordApiOptions } from './engine-record';

const REWORK_FIELDS = ['reworkReasonCode', 'defectType'];

/** Work orders in short. */
export const WORK_ORDERS: StateMachine = {
  states: [
    { name: 'Released', role: 'start', next: ['In Progress', 'Cancelled'] },
    { name: 'In Progress', next: ['Complete', 'On Hold', 'Rework'] },
    { name: 'On Hold', next: ['In Progress'] },
    { name: 'Rework', next: ['In Progress'], required: REWORK_FIELDS },
    { name: 'Complete', next: ['Closed'] },
    { name: 'Closed', role: 'end', next: [] },
    { name: 'Cancelled', role: 'end', next: [] },
  ],
};

/** What transition-guard puts into the message for a record of the engine: from In Progress to Complete. */
export function guardOf(engine: Engine, part: Partial<TransitionGuard> = {}): TransitionGuard {
  const { url } = engine.snapshot('', {});
  const decision = { from: 'In Progress', to: 'Complete' };
  return { url, field: 'status', ...decision, machine: WORK_ORDERS, ...part };
}

/** The wall clock of the engine stands at 10:00. */
export const VALUES = {
  status: 'In Progress',
  statusSince: '2026-02-08T09:00:00.000Z',
  openedBy: null,
  openedAt: null,
  note: 'n0',
};
export const CHANGES = { status: 'Complete' };

interface Setup {
  readonly api?: RecordApiOptions;
  readonly engine?: EngineOptions;
  readonly guard?: Partial<TransitionGuard>;
}

export interface Guarded {
  readonly api: RecordApi;
  readonly engine: Engine;
  readonly guard: TransitionGuard;
  readonly update: (part?: RequestPart) => Promise<UpdateOutput>;
}

/** An API with one work order in progress, and updates under guard that complete it. */
export async function guarded({
  api: options,
  engine: how,
  guard: part,
}: Setup = {}): Promise<Guarded> {
  const api = await startRecordApi({ values: VALUES, ...options });
  const engine = new Engine(api.url, how);
  const guard = guardOf(engine, part);
  const update = (request: RequestPart = {}): Promise<UpdateOutput> =>
    engine.update({ changes: CHANGES, transition: guard, ...request });
  return { api, engine, guard, update };
}

/** Somebody changes the record between our read and our write. */
export function overtaken(api: RecordApi, values: Fields): void {
  api.writes.push(
    preceded(() => {
      api.change(values);
    }),
  );
}

export const SINCE = { eventAt: '2026-02-08T09:30:00.000Z', sinceField: 'statusSince' };
export const OPEN = { open: { rule: 'any', byField: 'openedBy', atField: 'openedAt' } } as const;
