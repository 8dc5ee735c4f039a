import { createHash } from 'node:crypto';
import type { ApiFamily, BoundAction, UpdateMethod } from '../api/family';
import { InputError } from '../errors';
import type { FieldConflict, KeptBase, Pending } from '../outcome/outcome';
import type { TransitionGuard } from '../lifecycle/guard';
import type { FieldType, FieldTypes } from '../record/compare';
import type { Fields, RecordKey } from '../record/fields';
import type { RecordRef } from '../record/ref';
import type { Snapshot } from '../record/snapshot';
import { cleanChanges, isJson, keyFieldsOf, withoutKey } from './changes';
import { checkGuardMatches } from './guard-match';

export { isJson } from './changes';

/** What a decision function is told about a conflict. */
export interface ConflictView {
  readonly key: RecordKey;
  readonly fields: readonly FieldConflict[];
  readonly base: Fields;
  readonly ours: Fields;
  readonly theirs: Fields;
}

/** `report`, `theirs`, `overwrite`, `merge`, or the values to write instead of the colliding ones. */
export type Decision = 'report' | 'theirs' | 'overwrite' | 'merge' | Fields;
export type Decide = (view: ConflictView) => Promise<Decision>;
export type ConflictRule = 'report' | 'theirs' | 'overwrite' | 'merge' | Decide;

/** One update of one record, checked: nothing in it can fail before the first request leaves. */
export interface UpdateRequest {
  readonly ref: RecordRef;
  /** A merge patch without annotations and key fields; never empty. */
  readonly changes: Fields;
  readonly guards: readonly string[];
  readonly fieldTypes: FieldTypes;
  readonly method: UpdateMethod;
  /** Judged again on every state of the record that a write would go out on; undefined: none. */
  readonly transition: TransitionGuard | undefined;
  /** Called with POST instead of writing the changes, which it is expected to bring about. */
  readonly action: BoundAction | undefined;
  /**
   * Field that every write sets to its own time, so that a later look tells whether the write is in place;
   * undefined: none.
   */
  readonly stamp: string | undefined;
  /** `once`: one attempt, for a loop wired in the flow. */
  readonly mode: 'resolve' | 'once';
  readonly rule: ConflictRule;
  readonly force: boolean;
  /** Milliseconds to wait for the record's turn. */
  readonly turnWaitMs: number;
  /** The latest snapshot the message brings. */
  readonly snapshot: Snapshot | undefined;
  /** What a wired loop kept of the passes before. Ignored unless record and changes are the same. */
  readonly base: KeptBase | undefined;
  readonly pending: Pending | undefined;
}

export type UpdateRequestInput = Omit<UpdateRequest, 'changes'> & { readonly changes: unknown };

/**
 * Throws InputError `CHANGES_INVALID`, `KEY_CONTRADICTED`, `STAMP_INVALID`, `METHOD_UNSUPPORTED`, `FORCE_UNSUPPORTED`,
 * `ACTION_UNSUPPORTED`, `ACTION_INVALID`, `PARAMETERS_INVALID` or `GUARD_MISMATCH`.
 */
export function checkRequest(input: UpdateRequestInput, family: ApiFamily): UpdateRequest {
  checkHow(input, family);
  const stamp = stampOf(input, family);
  const given = without(stamp, cleanChanges(input.changes, family));
  const changes = withoutKey(given, input.ref, family);
  if (input.transition !== undefined) checkGuardMatches(input.transition, input.ref, changes);
  const sameUpdate = <Kept extends { readonly changesHash: string }>(kept: Kept | undefined) =>
    kept?.changesHash === changesHash(input.ref, changes) ? kept : undefined;
  const { base, pending } = input;
  return {
    ...input,
    changes,
    stamp,
    base: base && sameUpdate(base),
    pending: pending && sameUpdate(pending),
  };
}

/** Identifies an update across the passes of a wired loop. */
export function changesHash(ref: RecordRef, changes: Fields): string {
  return createHash('sha256')
    .update(JSON.stringify([ref.url, changes]))
    .digest('base64url');
}

export function fieldTypeOf(
  types: FieldTypes,
  family: ApiFamily,
): (field: string) => FieldType | undefined {
  return field => (Object.hasOwn(types, field) ? types[field] : family.fieldType(field));
}

function checkHow(input: UpdateRequestInput, family: ApiFamily): void {
  const { action, method, force } = input;
  if (action !== undefined) checkAction(input.ref, action, family);
  else if (!family.methods.includes(method)) {
    throw new InputError(
      'METHOD_UNSUPPORTED',
      `${family.label} does not take ${method} for an update. Set Method to ${family.methods.join(' or ')}.`,
    );
  }
  if (force && !family.canForce) {
    throw new InputError(
      'FORCE_UNSUPPORTED',
      `${family.label} with these version settings has no way to force a write. Switch Force off, or send the version as a header.`,
    );
  }
}

function checkAction(ref: RecordRef, { name, parameters }: BoundAction, family: ApiFamily): void {
  if (!family.takesActions) {
    throw new InputError(
      'ACTION_UNSUPPORTED',
      `${family.label} has no actions that are called on a record. Set Method to ${family.methods.join(' or ')} and write the fields.`,
    );
  }
  family.actionUrl(ref.url, name);
  const bad = Object.keys(parameters).find(parameter => !isJson(parameters[parameter]));
  if (bad !== undefined) {
    throw new InputError(
      'PARAMETERS_INVALID',
      `The parameter "${bad}" of the action is not a JSON value. Use text, a number, true/false, null, an object or an array.`,
    );
  }
}

/** An action sets no stamp: what it writes is its own affair. */
function stampOf(
  { action, stamp, ref }: UpdateRequestInput,
  family: ApiFamily,
): string | undefined {
  if (action !== undefined || stamp === undefined) return undefined;
  if (!Object.hasOwn(keyFieldsOf(ref, family), stamp)) return stamp;
  throw new InputError(
    'STAMP_INVALID',
    `The stamp field "${stamp}" is part of the record key. Name a field that holds nothing but the time of these writes.`,
  );
}

/** The stamp is evidence, never a target: every write sets its own time there. */
function without(stamp: string | undefined, changes: Fields): Fields {
  if (stamp === undefined) return changes;
  return Object.fromEntries(Object.entries(changes).filter(([name]) => name !== stamp));
}
