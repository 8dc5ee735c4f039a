import type { ApiFamily, BoundAction, UpdateMethod } from '../../lib/api/family';
import { InputError } from '../../lib/errors';
import { checkGuard } from '../../lib/lifecycle/check-guard';
import type { TransitionGuard } from '../../lib/lifecycle/guard';
import type { FieldType, FieldTypes } from '../../lib/record/canonical';
import { isFields, type Fields } from '../../lib/record/fields';
import type { RecordRef } from '../../lib/record/ref';
import { snapshotFor } from '../../lib/record/snapshot';
import {
  checkRequest,
  type ConflictRule,
  type Decide,
  type Decision,
  type UpdateRequest,
  type UpdateRequestInput,
} from '../../lib/update/request';
import { passBefore } from '../shared/loop-state';
import type { Scope } from '../shared/scope';
import { namesIn, settingsOf } from '../shared/settings';
import {
  FIELD_TYPE_ROW,
  UPDATE_FIELDS,
  type ConditionalUpdateConfig,
  type FieldRow,
  type FieldTypeRow,
} from './config';
import { computedRows, computedWhole, isComputed } from './computation';
import { checkNames, mappedChanges } from './mapping';

export type RequestReader = (
  scope: Scope,
  ref: RecordRef,
  family: ApiFamily,
) => Promise<UpdateRequest>;

/** Prepares what the dialog fixes once; the reader turns each message into a checked request. */
export function createRequestReader(config: ConditionalUpdateConfig): RequestReader {
  const guardFields = namesIn(config.guards);
  const rule = ruleOf(config);
  const fixed = fixedSettings(config);
  return async (scope, ref, family) => {
    const { changes, computation } = await changesOf(scope, config, family);
    const before = passBefore(scope, config.result);
    const { fieldTypes, turnWaitMs } = fixed();
    return checkRequest(
      {
        ref,
        changes,
        computation,
        sameValue: config.sameValue,
        guards: guardFields,
        method: methodOf(config, family),
        transition: guardIn(scope, config.guard),
        // Asked for only where there is one: waiting for nothing costs, too.
        action:
          config.method === 'ACTION'
            ? await boundAction(scope, config, { changes, family })
            : undefined,
        stamp: config.stamp.trim() === '' ? undefined : config.stamp.trim(),
        mode: config.mode,
        rule: rule(scope),
        force: config.force,
        fieldTypes,
        turnWaitMs,
        snapshot: snapshotFor(scope.get(config.record), ref),
        base: before?.base,
        pending: before?.pending,
      },
      family,
    );
  };
}

type Fixed = Pick<UpdateRequest, 'fieldTypes' | 'turnWaitMs'>;

/** What no message changes. A fault of the dialog is every message's fault. */
function fixedSettings(config: ConditionalUpdateConfig): () => Fixed {
  let fixed: Fixed | undefined;
  return () =>
    (fixed ??= {
      fieldTypes: typesOfFields(config.fieldTypes),
      turnWaitMs: settingsOf(UPDATE_FIELDS, config).ms('lockWait'),
    });
}

type Changes = Pick<UpdateRequestInput, 'changes' | 'computation'>;

/** The table builds them, they are somewhere as a whole, or they are computed once the record is read. */
async function changesOf(
  scope: Scope,
  { changes: value, changesType: type, fields }: ConditionalUpdateConfig,
  family: ApiFamily,
): Promise<Changes> {
  if (type === 'fields') return changesOfTable(scope, fields, family);
  if (type === 'computed') {
    return { changes: undefined, computation: computedWhole(scope, value) };
  }
  const code = 'CHANGES_INVALID';
  const changes = await scope.evaluateExact({ value, type, label: 'Changes', code });
  return { changes, computation: undefined };
}

async function changesOfTable(
  scope: Scope,
  rows: readonly FieldRow[],
  family: ApiFamily,
): Promise<Changes> {
  checkNames(rows);
  const computed = rows.filter(isComputed);
  const changes = await mappedChanges(
    scope,
    rows.filter(row => !isComputed(row)),
  );
  const computation =
    computed.length === 0 ? undefined : computedRows(scope, computed, changes, family);
  return { changes, computation };
}

/** What transition-guard put into the message; without it, only versions and fields are compared. */
function guardIn(scope: Scope, path: string): TransitionGuard | undefined {
  const value = scope.get(path);
  return value === undefined || value === null ? undefined : checkGuard(value);
}

/** How the changes travel; an action goes by POST, whatever the family writes with. */
function methodOf({ method }: ConditionalUpdateConfig, { methods }: ApiFamily): UpdateMethod {
  return method === 'ACTION' ? (methods[0] ?? 'PATCH') : method;
}

/**
 * The action to call in place of a write of the changes themselves.
 * Throws InputError `ACTION_MISSING` or `PARAMETERS_INVALID`.
 */
async function boundAction(
  scope: Scope,
  config: ConditionalUpdateConfig,
  written: { readonly changes: unknown; readonly family: ApiFamily },
): Promise<BoundAction> {
  const name = settingsOf(UPDATE_FIELDS, config).text('action');
  return { name, parameters: await parameters(scope, config, written) };
}

async function parameters(
  scope: Scope,
  { parameters: value, parametersType: type }: ConditionalUpdateConfig,
  { changes, family }: { readonly changes: unknown; readonly family: ApiFamily },
): Promise<Fields> {
  // Changes that are no object are refused with the request itself, in words of their own.
  if (type === 'changes') {
    return isFields(changes) ? { ...family.typesIn(changes), ...family.cleanChanges(changes) } : {};
  }
  const given = await scope.evaluateExact({
    value,
    type,
    label: 'Parameters',
    code: 'PARAMETERS_INVALID',
  });
  if (isFields(given)) return given;
  throw new InputError(
    'PARAMETERS_INVALID',
    'Parameters must be an object of names and values, for example {"status": "Shipped"}; {} where the action takes none. Correct them in the dialog or in the message.',
  );
}

/** A JSONata fault is one of the flow: it surfaces with the first message, at the Catch node. */
function ruleOf({ rule, decision }: ConditionalUpdateConfig): (scope: Scope) => ConflictRule {
  if (rule !== 'decide') return () => rule;
  let decide: ConflictRule | undefined;
  return scope => (decide ??= decideBy(scope, decision));
}

/** A conflict decided by a JSONata expression over `{key, fields, base, ours, theirs}`. Throws InputError `EXPRESSION_FAILED`. */
function decideBy(scope: Scope, text: string): Decide {
  const decision = scope.expression(text, 'Decision');
  return async view => plain(await decision({ ...view })) as Decision;
}

/** JSONata decorates its results; only plain data goes on. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}

function typesOfFields(rows: readonly FieldTypeRow[]): FieldTypes {
  return Object.fromEntries(rows.map(row => [row.name.trim(), fieldType(row)]));
}

function fieldType(row: FieldTypeRow): FieldType {
  const { type } = row;
  const scale = settingsOf(FIELD_TYPE_ROW, row).optional('scale');
  return type !== 'decimal' || scale === undefined ? { type } : { type, scale };
}
