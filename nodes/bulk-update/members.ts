import { setImmediate } from 'node:timers/promises';
import type { ApiFamily, UpdateMethod } from '../../lib/api/family';
import { InputError, StopError } from '../../lib/errors';
import type { TransitionGuard } from '../../lib/lifecycle/guard';
import { isFields, type Fields } from '../../lib/record/fields';
import { snapshotFor, type Snapshot } from '../../lib/record/snapshot';
import type { AnyMember } from '../../lib/update/bulk/bulk';
import { groupItems, type Groups } from '../../lib/update/bulk/groups';
import { mergedChanges } from '../../lib/record/merged-changes';
import {
  checkRequest,
  type UpdateRequest,
  type UpdateRequestInput,
} from '../../lib/update/request';
import { keyShown } from '../shared/key-shown';
import { guardFrom, type Rules } from '../shared/update-rules';
import type { Item, Items } from './items';

/** What makes an update of an item. */
export interface Making {
  readonly family: ApiFamily;
  readonly rules: Rules;
  readonly method: UpdateMethod;
}

/** So many items are looked at before others get their turn: a list may be long. */
const SLICE = 1_000;

/**
 * Which items are of one record. One that cannot be an update is a group of its own, so that the others of its record
 * go on without it. Rejects when the flow is stopped.
 */
export async function grouped(items: Items, making: Making, stop: AbortSignal): Promise<Groups> {
  checkGoesOn(stop);
  const urls: (string | undefined)[] = [];
  for (let index = 0; index < items.length; index++) {
    urls.push(urlOf(items, index));
    if (isDue(index)) await letOthers(stop);
  }
  const groups = groupItems(urls);
  let bad = 0;
  for (const [nth, index] of shared(groups).entries()) {
    if (isDue(nth)) await letOthers(stop);
    if (isUsable(items, index, making)) continue;
    urls[index] = undefined;
    bad++;
  }
  return bad === 0 ? groups : groupItems(urls);
}

/** Now and then. */
function isDue(nth: number): boolean {
  return nth % SLICE === SLICE - 1;
}

/** Others get their turn. Throws StopError when the flow is stopped meanwhile. */
async function letOthers(stop: AbortSignal): Promise<void> {
  await setImmediate();
  checkGoesOn(stop);
}

function checkGoesOn(stop: AbortSignal): void {
  if (stop.aborted)
    throw new StopError('STOPPED', 'The flow was stopped before the first request.');
}

function urlOf(items: Items, index: number): string | undefined {
  try {
    return items.at(index).ref.url;
  } catch {
    return undefined;
  }
}

/** The items that are not alone in their group. */
function shared(groups: Groups): number[] {
  const all: number[] = [];
  for (let group = 0; group < groups.count; group++) {
    const items = groups.itemsOf(group);
    if (items.length > 1) all.push(...items);
  }
  return all;
}

function isUsable(items: Items, index: number, making: Making): boolean {
  try {
    requestFor([items.at(index)], making);
    return true;
  } catch {
    return false;
  }
}

/** The updates, each made when it is asked for; its index is the number of its group. */
export function* membersOf(
  items: Items,
  groups: Groups,
  making: Making,
  order: Iterable<number>,
): Generator<AnyMember> {
  for (const group of order) yield memberOf(items, groups.itemsOf(group), group, making);
}

function memberOf(
  items: Items,
  indexes: readonly number[],
  index: number,
  making: Making,
): AnyMember {
  try {
    const request = requestFor(
      indexes.map(item => items.at(item)),
      making,
    );
    return { index, request };
  } catch (error) {
    const [first = 0] = indexes;
    const key = keyShown(items.face(first).key);
    return { index, key, error: ofItems(items.called(indexes), error) };
  }
}

/** Whatever is at fault in an item is the item's fault, also where it cannot even be looked at. */
function ofItems(called: string, error: unknown): InputError {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof InputError ? error.code : 'ITEM_INVALID';
  return new InputError(code, called + message);
}

/**
 * The update that these items of one record ask for. The first snapshot is the baseline, the last guard counts.
 * Throws InputError like `checkRequest`, and `CHANGES_UNMERGEABLE`.
 */
export function requestFor(items: readonly Item[], making: Making): UpdateRequest {
  return checkRequest(requestInput(items, making), making.family);
}

/** The same, not checked yet. */
export function requestInput(
  items: readonly Item[],
  { rules, method }: Omit<Making, 'family'>,
): UpdateRequestInput {
  const [first] = items;
  if (first === undefined) throw new TypeError('an update is made of one item at least');
  const { ref } = first;
  let snapshot: Snapshot | undefined;
  let transition: TransitionGuard | undefined;
  for (const item of items) {
    // Checked also where an earlier one counts.
    const own = snapshotFor(item.snapshot, ref);
    snapshot ??= own;
    transition = guardFrom(item.guard) ?? transition;
  }
  // Written out: a spread costs a visible share of a long list.
  const { sameValue, guards, stamp, rule, fieldTypes, turnWaitMs } = rules;
  return {
    ref,
    changes: changesOf(items),
    computation: undefined,
    sameValue,
    guards,
    method,
    transition,
    action: undefined,
    stamp,
    mode: 'resolve',
    rule,
    force: false,
    fieldTypes,
    turnWaitMs,
    snapshot,
    base: undefined,
    pending: undefined,
  };
}

/** The changes of one record, as one patch. */
export function changesOf(items: readonly { readonly changes: unknown }[]): unknown {
  if (items.length === 1) return items[0]?.changes;
  const changes = items.map(item => item.changes);
  return changes.every(isFields) ? mergedChanges(changes satisfies readonly Fields[]) : changes[0];
}
