import type { Refused, TransitionGuard } from '../../lib/lifecycle/guard';
import { judge, valueOf } from '../../lib/lifecycle/judge';
import { judgeSteps, ofWholeWay, stepsAlong, type TransitionStep } from '../../lib/lifecycle/steps';
import { checkGuard } from '../../lib/lifecycle/check-guard';
import { isState } from '../../lib/lifecycle/machine';
import type { Fields } from '../../lib/record/fields';
import type { GuardSettings } from './settings';
import type { Wanted } from './wanted';

/** How a message goes on. */
type Decision =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'steps'; readonly steps: readonly TransitionStep[] }
  | { readonly kind: 'refused'; readonly refused: Refused };

interface Choices {
  /** Required fields are looked for in the changes; else whoever builds the changes looks for them. */
  readonly checksFields: boolean;
  /** Take the shortest path where the status cannot be reached in one transition. */
  readonly mayStep: boolean;
}

/**
 * The guard of what a message wants. While a wired loop goes on, it keeps what was decided on first, as the baseline
 * is kept: else a state that somebody set meanwhile would pass as the one the event was about.
 * @param kept what the pass before left in the message; undefined or null: there was none
 */
export function guardOf(settings: GuardSettings, wanted: Wanted, kept: unknown): TransitionGuard {
  const { url, to, eventAt, values } = wanted;
  const held = valueOf(values, settings.field);
  // Anything but a state is refused as unknown before it would be compared.
  const from = isState(held) ? held : '';
  const guard = { ...settings, url, to };
  const before = kept === undefined || kept === null ? undefined : checkGuard(kept);
  const isSame = before?.url === url && before.field === settings.field && before.to === to;
  if (isSame) return { ...guard, ...decidedOn(before), ...ownEvent(settings, wanted) };
  const event = eventAt === undefined ? {} : { eventAt };
  return { ...guard, from, ...event, ...ownEvent(settings, wanted) };
}

/** Noise may have moved the version since: the snapshot does not tell of our own transition any more. */
function decidedOn({
  from,
  eventAt,
  own,
}: TransitionGuard): Pick<TransitionGuard, 'from' | 'eventAt' | 'own'> {
  return {
    from,
    ...(eventAt === undefined ? {} : { eventAt }),
    ...(own === undefined ? {} : { own }),
  };
}

/** Where a transition of ours has brought the record into its status, and the same fields were looked at for it. */
function ownEvent(
  { field, sinceField }: GuardSettings,
  { values, transition }: Wanted,
): Pick<TransitionGuard, 'own'> {
  if (transition === undefined || sinceField === undefined) return {};
  if (transition.field !== field || transition.sinceField !== sinceField) return {};
  const since = valueOf(values, sinceField);
  return isState(since) ? { own: { since, eventAt: transition.eventAt } } : {};
}

/** @param now wall clock, milliseconds since the epoch */
export function decide(
  guard: TransitionGuard,
  { values, changes }: Pick<Wanted, 'values' | 'changes'>,
  choices: Choices,
  now: number,
): Decision {
  const known = choices.checksFields ? changes : undefined;
  const refused = judge(guard, { values, changes: known, now });
  if (refused === undefined) return { kind: 'allowed' };
  const { path } = refused.refusal;
  if (!choices.mayStep || refused.code !== 'INVALID_TRANSITION' || path === undefined) {
    return { kind: 'refused', refused };
  }
  const steps = stepsAlong(guard, path, changes).map(step =>
    choices.checksFields ? step : fromSource(step, guard.field, changes),
  );
  const first = judgeSteps(steps, { values, now }, choices.checksFields);
  if (first === undefined) return { kind: 'steps', steps };
  return { kind: 'refused', refused: ofWholeWay(first, guard.to) };
}

/** conditional-update builds the changes from what is there, so that nothing of it may be missing. */
function fromSource({ guard }: TransitionStep, field: string, source: Fields): TransitionStep {
  return { guard, changes: { ...source, [field]: guard.to } };
}
