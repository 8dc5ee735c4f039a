import { createHash } from 'node:crypto';
import type { ApiFamily, BoundAction, UpdateMethod } from '../api/family';
import { InputError } from '../errors';
import type { KeptBase, Pending } from '../outcome/outcome';
import type { FieldConflict } from '../record/reconcile';
import type { TransitionGuard } from '../lifecycle/guard';
import { shown } from '../lifecycle/wording';
import { sameValue } from '../record/compare';
import type { FieldType, FieldTypes } from '../record/canonical';
import { isBounded, MAX_NESTING, MAX_VALUES } from '../record/extent';
import { isFields, isThenable, withoutField, type Fields, type RecordKey } from '../record/fields';
import { jsonValue, type Unfit } from '../record/json-value';
import type { RecordRef } from '../record/ref';
import { checkSnapshotSize, type Snapshot } from '../record/snapshot';

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

/** Changes that are computed from the record, anew on every version that a write goes out on. */
export interface Computation {
  /** What it reads and writes, as the fields read back; undefined: any field. */
  readonly fields: readonly string[] | undefined;
  /** Identifies it across the passes of a wired loop: the same for the same expressions and the same message. */
  readonly hash: string;
  /**
   * The changes for the record as it was read. Rejects with InputError where they cannot be computed.
   * @param exact the same values, every number as the digits it came with: there a number tells itself from a text
   */
  readonly of: (record: Snapshot, exact: () => Fields) => Promise<unknown>;
}

/**
 * What it means that somebody else has set a target to the very value of ours: the work is done, or a lost update.
 * `automatic`: a conflict where the decision was made on a snapshot of the message and the value is a number that is
 * not declared a code.
 */
export type SameValueRule = 'automatic' | 'done' | 'conflict';

/** One update of one record, checked: nothing in it can fail before the first request leaves. */
export interface UpdateRequest {
  readonly ref: RecordRef;
  /** A merge patch without annotations and key fields; empty only where the changes are computed. */
  readonly changes: Fields;
  /** Annotations that say of what type the changes are, and go with them; undefined: none. */
  readonly types: Fields | undefined;
  /** Undefined: the changes came with the message. */
  readonly computation: Computation | undefined;
  readonly sameValue: SameValueRule;
  readonly guards: readonly string[];
  readonly fieldTypes: FieldTypes;
  readonly method: UpdateMethod;
  /** Judged again on every state of the record that a write would go out on; undefined: none. */
  readonly transition: TransitionGuard | undefined;
  /** Called with POST instead of writing the changes, which it is expected to bring about. */
  readonly action: BoundAction | undefined;
  /**
   * Field that every write sets to its own time (computed changes: to a token of its version), so that a re-read
   * tells whether the write is in place; undefined: none.
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

export type UpdateRequestInput = Omit<UpdateRequest, 'changes' | 'types'> & {
  readonly changes: unknown;
};

/**
 * Throws InputError `CHANGES_INVALID`, `KEY_CONTRADICTED`, `STAMP_INVALID`, `METHOD_UNSUPPORTED`, `FORCE_UNSUPPORTED`,
 * `ACTION_UNSUPPORTED`, `ACTION_INVALID`, `PARAMETERS_INVALID`, `SNAPSHOT_INVALID` or `GUARD_MISMATCH`.
 */
export function checkRequest(input: UpdateRequestInput, family: ApiFamily): UpdateRequest {
  const action = checkHow(input, family);
  const { computation } = input;
  const stamp = stampOf(input, family);
  const about = { ref: input.ref, transition: input.transition, stamp };
  const changes = computation === undefined ? checkChanges(input.changes, about, family) : {};
  if (input.base !== undefined) checkSnapshotSize(input.base.snapshot);
  // Most updates are in no loop, and a hash costs a visible share of a fast one.
  const sameUpdate = <Kept extends { readonly changesHash: string }>(kept: Kept | undefined) => {
    const hash = kept && updateHash({ ref: input.ref, changes, computation });
    return kept?.changesHash === hash ? kept : undefined;
  };
  const base = sameUpdate(input.base);
  const pending = sameUpdate(input.pending);
  const sent = pending?.sent === undefined ? undefined : sentBefore(pending.sent, about, family);
  const types = computation === undefined ? typesIn(input.changes, family) : undefined;
  const checked = { changes, types, action, stamp, base, pending: pending && { ...pending, sent } };
  return requestOf(input, checked);
}

/** Written out: a spread that adds to so many members costs more than all of the checks. */
function requestOf(
  input: UpdateRequestInput,
  checked: Pick<UpdateRequest, 'changes' | 'types' | 'action' | 'stamp' | 'base' | 'pending'>,
): UpdateRequest {
  return {
    ref: input.ref,
    changes: checked.changes,
    types: checked.types,
    computation: input.computation,
    sameValue: input.sameValue,
    guards: input.guards,
    fieldTypes: input.fieldTypes,
    method: input.method,
    transition: input.transition,
    action: checked.action,
    stamp: checked.stamp,
    mode: input.mode,
    rule: input.rule,
    force: input.force,
    turnWaitMs: input.turnWaitMs,
    snapshot: input.snapshot,
    base: checked.base,
    pending: checked.pending,
  };
}

/** Whether the changes were decided on what a message brought, to this pass or an earlier one: no update has read it. */
export function isBaseBrought({ base, snapshot }: UpdateRequest): boolean {
  return base === undefined ? snapshot !== undefined : base.own !== true;
}

/** Computed changes that an earlier pass has sent, as the message brings them; undefined: not usable. */
function sentBefore(
  sent: unknown,
  about: Pick<UpdateRequest, 'ref' | 'transition' | 'stamp'>,
  family: ApiFamily,
): Fields | undefined {
  try {
    return checkChanges(sent, about, family);
  } catch {
    return undefined;
  }
}

function typesIn(changes: unknown, family: ApiFamily): Fields | undefined {
  const types = isFields(changes) ? family.typesIn(changes) : {};
  return Object.keys(types).length === 0 ? undefined : types;
}

/**
 * Computed changes, anew for each version. They have no annotations: those belong to the message.
 * Throws InputError like `checkChanges`.
 */
function checkComputedChanges(
  given: unknown,
  about: Pick<UpdateRequest, 'ref' | 'transition' | 'stamp'>,
  family: ApiFamily,
): Fields {
  const [type] = Object.keys(typesIn(given, family) ?? {});
  if (type === undefined) return checkChanges(given, about, family);
  throw new InputError(
    'CHANGES_INVALID',
    `"${type}" cannot go with changes that are computed from the record. Leave it out, or give the values under Changes.`,
  );
}

/** The same, or why they cannot be used. */
export function computedChanges(
  ...given: Parameters<typeof checkComputedChanges>
): Fields | InputError {
  try {
    return checkComputedChanges(...given);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

/**
 * The changes without annotations, key fields and stamp. Throws InputError `CHANGES_INVALID`, `KEY_CONTRADICTED` or
 * `GUARD_MISMATCH`.
 */
export function checkChanges(
  given: unknown,
  { ref, transition, stamp }: Pick<UpdateRequest, 'ref' | 'transition' | 'stamp'>,
  family: ApiFamily,
): Fields {
  const changes = withoutKey(without(stamp, cleanChanges(given, family)), ref, family);
  if (transition !== undefined) checkGuardMatches(transition, ref, changes);
  return changes;
}

/** Identifies an update across the passes of a wired loop. */
export function updateHash({
  ref,
  changes,
  computation,
}: Pick<UpdateRequest, 'ref' | 'changes' | 'computation'>): string {
  return createHash('sha256')
    .update(JSON.stringify([ref.url, computation === undefined ? changes : computation.hash]))
    .digest('base64url');
}

export function fieldTypeOf(
  types: FieldTypes,
  family: ApiFamily,
): (field: string) => FieldType | undefined {
  const typeOf = (field: string): FieldType | undefined =>
    Object.hasOwn(types, field) ? types[field] : family.fieldType(field);
  if (family.blankIsNull !== true) return typeOf;
  return field => ({ ...(typeOf(field) ?? UNTYPED), blankIsNull: true });
}

/** Compares exactly, as without a type. */
const UNTYPED: FieldType = { type: 'text' };

/** The action to call, checked; undefined where the changes themselves are written. */
function checkHow(input: UpdateRequestInput, family: ApiFamily): BoundAction | undefined {
  const { method, force } = input;
  if (input.computation !== undefined) checkComputed(input);
  const action = input.action && checkAction(input.ref, input.action, family);
  if (action === undefined && !family.methods.includes(method)) {
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
  return action;
}

/** Computed changes hold for one version only. */
function checkComputed({ ref, action, force, transition }: UpdateRequestInput): void {
  if (force) {
    throw new InputError(
      'FORCE_UNSUPPORTED',
      'Changes that are computed from the record hold for the version that was read: they cannot be written by force. Switch Force off, or give the values under Changes.',
    );
  }
  if (action !== undefined) {
    throw new InputError(
      'ACTION_UNSUPPORTED',
      'An action cannot be called with changes that are computed from the record. Choose another Method, or give the values under Changes.',
    );
  }
  // What the guard allows is compared with the changes once they are computed.
  if (transition !== undefined) checkGuardedRecord(transition, ref);
}

function checkAction(
  ref: RecordRef,
  { name, parameters }: BoundAction,
  family: ApiFamily,
): BoundAction {
  if (!family.takesActions) {
    throw new InputError(
      'ACTION_UNSUPPORTED',
      `${family.label} has no actions that are called on a record. Set Method to ${family.methods.join(' or ')} and write the fields.`,
    );
  }
  family.actionUrl(ref.url, name);
  if (!isBounded(parameters)) {
    throw new InputError(
      'PARAMETERS_INVALID',
      `The parameters of the action are ${TOO_LARGE}. Send what the action needs, and no more.`,
    );
  }
  const checked = checkedMembers(parameters, (parameter, { problem, fix }) => {
    const text = `The parameter "${parameter}" of the action ${problem}. ${fix}`;
    return new InputError('PARAMETERS_INVALID', text);
  });
  return { name, parameters: checked };
}

/** An action sets no stamp: what it writes is its own affair. */
function stampOf(
  { action, stamp, ref }: UpdateRequestInput,
  family: ApiFamily,
): string | undefined {
  if (action !== undefined || stamp === undefined) return undefined;
  if (!keyFieldsOf(ref, family).some(([name]) => name === stamp)) return stamp;
  throw new InputError(
    'STAMP_INVALID',
    `The stamp field "${stamp}" is part of the record key. Name a field that holds nothing but the time of these writes.`,
  );
}

/** The stamp is evidence, never a target: every write sets its own time there. */
function without(stamp: string | undefined, changes: Fields): Fields {
  if (stamp === undefined) return changes;
  return withoutField(changes, stamp);
}

/**
 * A transition guard protects only the transition it was made for. Throws InputError `GUARD_MISMATCH` for one of
 * another record, another field or another new state than the changes.
 */
function checkGuardMatches(guard: TransitionGuard, ref: RecordRef, changes: Fields): void {
  checkGuardedRecord(guard, ref);
  const { field, to } = guard;
  if (!Object.hasOwn(changes, field)) {
    throw mismatch(`is about the field "${field}", which the changes do not write`);
  }
  if (changes[field] !== to) {
    const states = `${shown(to)}, and the changes write ${shown(changes[field])}`;
    throw mismatch(`allows "${field}" to become ${states}`);
  }
}

function checkGuardedRecord({ url }: TransitionGuard, ref: RecordRef): void {
  if (url !== ref.url) throw mismatch('is about another record than this update');
}

function mismatch(what: string): InputError {
  return new InputError(
    'GUARD_MISMATCH',
    `The transition guard in the message ${what}. Send the message through transition-guard with these very changes, or delete the guard from messages that need none.`,
  );
}

/** The changes without annotations. Throws InputError `CHANGES_INVALID`. */
function cleanChanges(changes: unknown, family: ApiFamily): Fields {
  if (!isFields(changes)) {
    throw new InputError(
      'CHANGES_INVALID',
      `Changes must be an object of field names and values, for example {"orderstatus": "Processing"}; this message has ${describe(changes)}. Set msg.payload, or choose another place under Changes.`,
    );
  }
  const clean = family.cleanChanges(changes);
  if (!isBounded(clean)) {
    throw new InputError(
      'CHANGES_INVALID',
      `The changes are ${TOO_LARGE}. Send the fields that are to change, and no more.`,
    );
  }
  return checkedMembers(clean, (name, { problem, fix }) => {
    const text = `The change of field "${name}" ${problem}. ${fix}`;
    return new InputError('CHANGES_INVALID', text);
  });
}

/** Every member as a JSON value. Throws what `refuse` makes of the first that is none. */
function checkedMembers(given: Fields, refuse: (name: string, unfit: Unfit) => InputError): Fields {
  const members: Record<string, unknown> = {};
  for (const name of Object.keys(given)) {
    if (name === '__proto__') throw refuse(name, PROTOTYPE);
    const checked = jsonValue(given[name]);
    if ('unfit' in checked) throw refuse(name, checked.unfit);
    members[name] = checked.value;
  }
  return members;
}

/** Copying a message may make a prototype of it, and what it holds would be gone without a word. */
const PROTOTYPE: Unfit = { problem: 'cannot be written', fix: 'Leave it out.' };

/**
 * An update never renames its record: key fields with the key's own values are left out.
 * Throws InputError `KEY_CONTRADICTED`, or `CHANGES_INVALID` when nothing is left.
 */
function withoutKey(changes: Fields, ref: RecordRef, family: ApiFamily): Fields {
  let rest = changes;
  for (const [name, value] of keyFieldsOf(ref, family)) {
    if (!Object.hasOwn(changes, name)) continue;
    rest = withoutField(rest, name);
    if (!sameValue(changes[name], value, { type: 'guid' })) {
      throw new InputError(
        'KEY_CONTRADICTED',
        `The changes give "${name}" another value than the record key does. Leave it out of the changes, or correct the key.`,
      );
    }
  }
  if (Object.keys(rest).length === 0) {
    throw new InputError(
      'CHANGES_INVALID',
      'Changes name no field to write. Give at least one field that is not part of the key.',
    );
  }
  return rest;
}

/** The fields of the record's key with their values. */
function keyFieldsOf({ collection, key }: RecordRef, family: ApiFamily): [string, unknown][] {
  if (isFields(key)) return Object.entries(key);
  const name = family.keyField(collection);
  return name === undefined ? [] : [[name, key]];
}

const TOO_LARGE = `deeper than ${MAX_NESTING} levels, or more than ${MAX_VALUES} values (an object that is held several times counts each time)`;

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (Buffer.isBuffer(value)) return 'a buffer';
  if (isThenable(value)) return 'a promise, so that an "await" is missing where it was set';
  return value === undefined ? 'nothing there' : `a ${typeof value}`;
}
