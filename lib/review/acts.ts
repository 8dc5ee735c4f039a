import type { TransitionGuard } from '../lifecycle/guard';
import type { State } from '../lifecycle/machine';
import { DONE_OUTCOMES, type WriteFate } from '../outcome/outcome';
import { isFields, type Fields } from '../record/fields';
import type { Snapshot } from '../record/snapshot';
import { remembered } from './arrive';
import {
  REVIEW_ACTIONS,
  type DeadLetter,
  type ReviewAction,
  type ReviewClaim,
  type ReviewEvent,
  type StoredDeadLetter,
} from './dead-letter';
import type { RefusedAct, RefusedCode, ReviewAct } from './desk';
import { CHANGES } from './fit';
import { asksFirst } from './heads';
import { reviewFields, shownIn, type FieldRules } from './review-fields';
import type { RunOrder, RunReport } from './runner';

const MOST_REASON = 1_000;
const MOST_BY = 200;

export function refuse(
  code: RefusedCode | (string & {}),
  message: string,
  now: StoredDeadLetter | undefined,
): RefusedAct {
  return { kind: 'refused', code, message, now };
}

/** Whether an action writes to the API. */
export function isRun(action: ReviewAction): boolean {
  return action === 'replay' || action === 'ours' || action === 'edit';
}

/** Why an act cannot be begun; undefined: it can. @param now clock of the store */
export function actRefusal(
  act: ReviewAct,
  stored: StoredDeadLetter | undefined,
  now: number,
): RefusedAct | undefined {
  const fault = faultOf(act) ?? (stored === undefined ? GONE : stateFault(act, stored, now));
  return fault && refuse(fault.code, fault.message, stored);
}

interface Fault {
  readonly code: RefusedCode;
  readonly message: string;
}

function stateFault(
  act: ReviewAct,
  { entry, revision }: StoredDeadLetter,
  now: number,
): Fault | undefined {
  if (entry.state === 'settled') return { code: 'ENTRY_SETTLED', message: settledText(entry) };
  if (isClaimed(entry, now)) return { code: 'ENTRY_CLAIMED', message: claimedText(entry) };
  if (act.revision !== undefined && act.revision !== revision) return CHANGED;
  if (act.confirmed !== true && asksFirst(entry, act.action)) return ASK_FIRST;
  const needsChanges = act.action === 'replay' || act.action === 'ours';
  const isLost = entry.leftOut.some(({ path }) => path === CHANGES);
  return needsChanges && isLost ? CHANGES_MISSING : undefined;
}

/** Somebody works on it, and its time is not over. */
export function isClaimed({ claim }: Pick<DeadLetter, 'claim'>, now: number): boolean {
  return claim !== undefined && claim.until > now;
}

interface Check {
  readonly sentence: string;
  readonly code?: RefusedCode;
  readonly isBad: (act: Partial<ReviewAct>) => boolean;
}

/** What an act must be whatever the entry is: it comes from a message or a browser. */
const CHECKS: readonly Check[] = [
  {
    sentence: `"action" must be one of ${REVIEW_ACTIONS.join(', ')}.`,
    isBad: ({ action }) => !REVIEW_ACTIONS.some(one => one === action),
  },
  {
    sentence: '"id" must be the id of a dead letter.',
    isBad: ({ id }) => typeof id !== 'string' || id === '',
  },
  {
    sentence: `"by" must be a text of at most ${MOST_BY} characters that says who acts.`,
    isBad: ({ by }) => typeof by !== 'string' || by.length > MOST_BY,
  },
  {
    sentence: '"revision" must be the number that came with the entry, or be left out.',
    isBad: ({ revision }) => revision !== undefined && !Number.isSafeInteger(revision),
  },
  {
    sentence:
      '"changes" must be an object of field names and values, for example {"orderstatus": "Processing"}.',
    isBad: ({ action, changes }) =>
      action === 'edit' && (!isFields(changes) || Object.keys(changes).length === 0),
  },
  {
    sentence: `"reason" must be a text of at most ${MOST_REASON} characters.`,
    isBad: ({ reason }) =>
      reason !== undefined && (typeof reason !== 'string' || reason.length > MOST_REASON),
  },
  {
    sentence: '"reason" must say why it is discarded.',
    code: 'REASON_MISSING',
    isBad: ({ action, reason = '' }) => action === 'discard' && reason.trim() === '',
  },
];

function faultOf(act: ReviewAct): Fault | undefined {
  const bad = CHECKS.find(({ isBad }) => isBad(act));
  if (bad === undefined) return undefined;
  const { code = 'ACT_INVALID', sentence } = bad;
  return { code, message: `${sentence} Correct it; nothing was done.` };
}

const GONE: Fault = {
  code: 'ENTRY_GONE',
  message: 'There is no such dead letter any more. Look at the list again.',
};
const CHANGED: Fault = {
  code: 'ENTRY_CHANGED',
  message:
    'The dead letter has changed since you looked at it: its update came again, or somebody else worked on it. Look at it as it is now, then decide again.',
};
const ASK_FIRST: Fault = {
  code: 'ASK_FIRST',
  message:
    'An earlier write of this update may have been applied, although its answer was lost. Done once more it may count twice. Look at the record; confirm where the earlier write is not in it.',
};
const CHANGES_MISSING: Fault = {
  code: 'CHANGES_MISSING',
  message:
    'The changes of this update are not kept: they were too large. Send it from the flow again, give the changes yourself (edit), or discard it.',
};

function settledText({ settled }: DeadLetter): string {
  const who = settled === undefined ? '' : ` by ${settled.by} (${settled.action})`;
  return `The dead letter was settled already${who}.`;
}

function claimedText({ claim }: DeadLetter): string {
  return `${claim?.by ?? 'Somebody'} is working on this dead letter now (${claim?.action ?? ''}). Wait for what comes of it.`;
}

export function claimed(entry: DeadLetter, claim: ReviewClaim): DeadLetter {
  return { ...entry, claim };
}

/** The update that an act asks for. */
export function orderOf(entry: DeadLetter, act: ReviewAct): RunOrder {
  const { changes, evidence } = entry;
  if (act.action === 'replay') {
    return { changes, evidence: withoutKey(evidence), isDecided: false, shown: undefined };
  }
  const wanted = act.action === 'edit' ? act.changes : changes;
  const transition = evidence.transition && decidedAnew(evidence.transition, wanted, act.shown);
  return {
    changes: wanted,
    evidence: transition === undefined ? {} : { transition },
    isDecided: true,
    shown: act.shown,
  };
}

/** Whoever has looked at the record decides on the state that it shows; whether the new one may follow is judged as before. */
function decidedAnew(
  guard: TransitionGuard,
  changes: Fields | undefined,
  shown: Snapshot | undefined,
): TransitionGuard | undefined {
  const { field } = guard;
  if (changes !== undefined && !Object.hasOwn(changes, field)) return undefined;
  const to = asState(changes?.[field]) ?? guard.to;
  return { ...guard, to, from: asState(shown?.values[field]) ?? guard.from };
}

function asState(value: unknown): State | undefined {
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

/** A replay is a request of its own: an API that remembers answers by their key must not give an old one. */
function withoutKey(evidence: DeadLetter['evidence']): DeadLetter['evidence'] {
  if (evidence.pending === undefined) return evidence;
  const { pending } = evidence;
  const kept = Object.entries(pending).filter(([name]) => name !== 'idempotency');
  return { ...evidence, pending: Object.fromEntries(kept) as unknown as typeof pending };
}

/**
 * Before a write leaves: whatever becomes of this process, the next run is given its fate. Undefined: the entry is
 * somebody else's by now.
 */
export function noted(
  entry: DeadLetter,
  { token, until }: Pick<ReviewClaim, 'token' | 'until'>,
  { base, pending }: WriteFate,
  { changes }: RunOrder,
): DeadLetter | undefined {
  if (entry.claim?.token !== token) return undefined;
  const claim = { ...entry.claim, until };
  return { ...entry, claim, changes, evidence: { ...entry.evidence, base, pending } };
}

interface Run {
  readonly act: ReviewAct;
  readonly order: RunOrder;
  readonly report: RunReport;
  readonly rules: FieldRules;
  readonly at: number;
}

/** The entry after a run: it is settled where the run ended well, and knows more otherwise. */
export function afterRun(entry: DeadLetter, run: Run): DeadLetter {
  const { act, report, at } = run;
  const { update } = report;
  const isWell = DONE_OUTCOMES.includes(update.outcome);
  const event = eventOf(entry, run);
  const common = {
    ...entry,
    claim: undefined,
    updatedAt: at,
    attempts: entry.attempts + update.attempts.length,
    history: remembered(entry.history, event),
  };
  if (!isWell) return { ...common, ...stillOpen(entry, run) };
  const { outcome } = update;
  return settledAs(common, { at, action: act.action, by: act.by, outcome });
}

function eventOf(entry: DeadLetter, { act, report, rules, at }: Run): ReviewEvent {
  const { update, record } = report;
  const showed = act.shown?.values ?? (report.update.verified ? undefined : record?.values);
  return {
    at,
    what: act.action,
    by: act.by,
    outcome: update.outcome,
    attempts: update.attempts.length,
    ...(update.error === undefined ? {} : { text: update.error.message.slice(0, 500) }),
    ...(showed === undefined ? {} : { showed: shownIn(entry.fields, showed, rules) }),
  };
}

function stillOpen(entry: DeadLetter, run: Run): Partial<DeadLetter> {
  const { update, record } = run.report;
  const { changes } = run.order;
  const { transition } = entry.evidence;
  const evidence = update.evidence ?? {};
  const fields = fieldsNow(entry, run);
  return {
    outcome: update.outcome,
    error: update.error,
    changes,
    isComputed: entry.isComputed && changes === undefined,
    evidence: transition === undefined ? evidence : { transition, ...evidence },
    ...(fields.length === 0 ? {} : { fields }),
    seenAt: record?.readAt === '' ? entry.seenAt : (record?.readAt ?? entry.seenAt),
  };
}

/** Compared with what the run was based on, which is what the next decision is made against. */
function fieldsNow(
  entry: DeadLetter,
  { order: { changes }, report: { update, record }, rules }: Run,
): DeadLetter['fields'] {
  const { base, pending } = update.evidence ?? {};
  const targets = entry.fields.filter(({ isGuard }) => !isGuard).map(({ name }) => name);
  return reviewFields(
    {
      changes: changes ?? pending?.sent,
      computed: changes === undefined ? targets : undefined,
      conflict: update.conflict,
      base: base?.snapshot.values,
      theirs: record?.values,
    },
    rules,
  );
}

/** An entry that is settled without a run. @param showed what the record showed, where it could be read */
export function settledWithout(
  entry: DeadLetter,
  act: ReviewAct,
  showed: Fields | undefined,
  at: number,
): DeadLetter {
  const { action, by, reason } = act;
  const event: ReviewEvent = {
    at,
    what: action,
    by,
    ...(reason === undefined ? {} : { text: reason }),
    ...(showed === undefined ? {} : { showed }),
  };
  const history = remembered(entry.history, event);
  const said = reason === undefined ? {} : { reason };
  return settledAs({ ...entry, updatedAt: at, history }, { at, action, by, ...said });
}

/** Nobody has done anything for too long. */
export function expired(entry: DeadLetter, at: number): DeadLetter {
  const history = remembered(entry.history, { at, what: 'expire' });
  return settledAs({ ...entry, updatedAt: at, history }, { at, action: 'expire', by: '' });
}

/** What it takes to do it once more is not kept, what was decided is. */
function settledAs(entry: DeadLetter, settled: NonNullable<DeadLetter['settled']>): DeadLetter {
  return { ...entry, state: 'settled', settled, claim: undefined, message: {}, evidence: {} };
}

/** A run that could not be done: the entry is free again, as it is. */
export function released(entry: DeadLetter, token: string): DeadLetter | undefined {
  return entry.claim?.token === token ? { ...entry, claim: undefined } : undefined;
}
