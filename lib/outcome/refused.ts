import type { Conflict, Outcome, OutcomeError } from './outcome';
import type { Refusal, RefusalReason } from '../lifecycle/refusal';
import type { Refused, TransitionGuard } from '../lifecycle/guard';

/** The parts of an UpdateResult that say why a transition was refused. */
export interface RefusedEnding {
  readonly outcome: Outcome;
  readonly error: OutcomeError;
  readonly refused: Refusal;
  readonly conflict?: Conflict;
}

const OUTCOME_OF: Readonly<Record<RefusalReason, Outcome>> = {
  'invalid-transition': 'invalid-state',
  'unknown-state': 'invalid-state',
  'missing-fields': 'rejected',
  busy: 'busy',
};

/** Somebody else's change stands in the way: a person decides with the diff. */
const WITH_DIFF: readonly string[] = ['STATE_MOVED', 'EVENT_LATE'];

/** How an update ends whose transition is refused. */
export function refusedEnding(guard: TransitionGuard, refused: Refused): RefusedEnding {
  const { refusal, code, message } = refused;
  const ending = {
    outcome: OUTCOME_OF[refusal.reason],
    error: { code, message },
    refused: refusal,
  };
  if (!WITH_DIFF.includes(code)) return ending;
  const field = { name: guard.field, base: guard.from, ours: guard.to, theirs: refusal.from };
  return { ...ending, conflict: { fields: [field] } };
}
