import type { ApiFamily, BoundAction, UpdateMethod } from '../../lib/api/family';
import { InputError } from '../../lib/errors';
import { isFields, type Fields } from '../../lib/record/fields';
import type { RecordRef } from '../../lib/record/ref';
import { snapshotFor } from '../../lib/record/snapshot';
import type { UpdateRequestInput } from '../../lib/update/request';
import { passBefore } from '../shared/loop-state';
import { onceThere, type Awaitable, type Scope } from '../shared/scope';
import type { KnownUpdate } from '../shared/update-source';
import { settingsOf } from '../shared/settings';
import { createRules, guardFrom } from '../shared/update-rules';
import { UPDATE_FIELDS, type ConditionalUpdateConfig, type FieldRow } from './config';
import { computedRows, computedWhole, isComputed } from './computation';
import { checkNames, mappedChanges } from './mapping';

export type InputReader = (
  scope: Scope,
  ref: RecordRef,
  family: ApiFamily,
  known?: KnownUpdate,
) => Promise<UpdateRequestInput>;

/** Prepares what the dialog fixes once; the reader turns each message into a request, which is to be checked. */
export function createInputReader(config: ConditionalUpdateConfig): InputReader {
  const rules = createRules(config);
  return async (scope, ref, family, known) => {
    const { changes, computation } = await changesOf(scope, config, family, known);
    const before = passBefore(scope, config.result);
    // Written out below: a spread costs a visible share of a fast update.
    const { sameValue, guards, stamp, rule, fieldTypes, turnWaitMs } = rules(scope);
    return {
      ref,
      changes,
      computation,
      sameValue,
      guards,
      method: methodOf(config, family),
      transition: guardFrom(scope.get(config.guard)),
      // Asked for only where there is one: waiting for nothing costs, too.
      action:
        config.method === 'ACTION'
          ? await boundAction(scope, config, { changes, family })
          : undefined,
      stamp,
      mode: config.mode,
      rule,
      force: config.force,
      fieldTypes,
      turnWaitMs,
      snapshot: snapshotFor(scope.get(config.record), ref),
      base: before?.base,
      pending: before?.pending,
    };
  };
}

type Changes = Pick<UpdateRequestInput, 'changes' | 'computation'>;

/** The table builds them, they are somewhere as a whole, or they are computed once the record is read. */
function changesOf(
  scope: Scope,
  { changes: value, changesType: type, fields }: ConditionalUpdateConfig,
  family: ApiFamily,
  known: KnownUpdate | undefined,
): Awaitable<Changes> {
  if (known?.changes !== undefined) return { changes: known.changes, computation: undefined };
  if (type === 'fields') return changesOfTable(scope, fields, family);
  if (type === 'computed') {
    return { changes: undefined, computation: computedWhole(scope, value) };
  }
  const code = 'CHANGES_INVALID';
  const input = { value, type, label: 'Changes', code };
  return onceThere(scope.evaluateExact(input), changes => ({ changes, computation: undefined }));
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
