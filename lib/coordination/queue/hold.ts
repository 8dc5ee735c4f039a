import { isContended, type ConflictRates } from '../../retry/conflict-rate';
import type { PeakHours } from '../../retry/peak';
import type { StoreState } from './queue-store';

/** When updates are collected for a while instead of handed on at once. */
export interface HoldSettings {
  /**
   * Share of the updates settled in the last minutes that met a conflict: it begins above `from` and ends below `to`.
   * 0 to 1. Undefined: conflicts do not count.
   */
  readonly rates: ConflictRates | undefined;
  /** Busy hours, whatever the conflicts. */
  readonly hours: PeakHours | undefined;
  /** How long one hold lasts: by chance between the two, milliseconds. */
  readonly shortestMs: number;
  readonly longestMs: number;
}

/** A hold as the store keeps it, and until when nothing is handed out; 0: it is over. */
export interface HoldState {
  readonly text: string;
  readonly heldUntil: number;
}

/** Updates that were accepted until then are handed on before others are collected again. */
interface Draining {
  readonly drainsUntil: number;
}

const COLLECTS = JSON.stringify({ collects: true });

/**
 * What becomes of the hold; undefined: it stays as it is. One hold follows another only when all that waited in the first
 * one was handed on: an update is held once.
 * @param isPeak it is within the busy hours
 * @param random from 0 to below 1
 */
export function nextHold(
  state: StoreState,
  settings: HoldSettings,
  isPeak: boolean,
  random: () => number,
): HoldState | undefined {
  const { hold, heldUntil, now } = state;
  if (hold === COLLECTS) {
    return heldUntil > now ? undefined : drain(now);
  }
  const draining = drainingOf(hold);
  if (draining !== undefined && isDraining(draining, state, settings)) return undefined;
  const isBusy = isPeak || hasConflicts(state, settings.rates, draining !== undefined);
  if (isBusy) return collect(now, settings, random);
  return hold === '' ? undefined : { text: '', heldUntil: 0 };
}

function collect(
  now: number,
  { shortestMs, longestMs }: HoldSettings,
  random: () => number,
): HoldState {
  const ms = shortestMs + random() * (longestMs - shortestMs);
  return { text: COLLECTS, heldUntil: Math.round(now + ms) };
}

function drain(now: number): HoldState {
  const draining: Draining = { drainsUntil: now };
  return { text: JSON.stringify(draining), heldUntil: 0 };
}

/**
 * Some of what waited in the hold still does. What is to wait for its own time is not waited for, or a single one would
 * put off the next hold for days; what waits behind one that runs is, for a while.
 */
function isDraining(
  { drainsUntil }: Draining,
  { now, oldestAt = Infinity, dueAt = Infinity }: StoreState,
  { longestMs }: HoldSettings,
): boolean {
  return dueAt <= drainsUntil || (oldestAt <= drainsUntil && now - drainsUntil < longestMs);
}

function hasConflicts(
  { recent }: StoreState,
  rates: HoldSettings['rates'],
  hadConflicts: boolean,
): boolean {
  return rates !== undefined && isContended(recent, rates, hadConflicts);
}

/** Undefined: it is no such text. */
function drainingOf(text: string): Draining | undefined {
  // Asked at every step, and an error that is thrown is dear.
  if (text === '') return undefined;
  try {
    const value = JSON.parse(text) as Partial<Draining> | null;
    return typeof value?.drainsUntil === 'number' ? { drainsUntil: value.drainsUntil } : undefined;
  } catch {
    return undefined;
  }
}
