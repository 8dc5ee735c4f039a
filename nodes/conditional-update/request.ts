import type { Node, NodeAPI } from 'node-red';
import type { ApiFamily, UpdateMethod } from '../../lib/api/family';
import { checkGuard } from '../../lib/lifecycle/check-guard';
import type { TransitionGuard } from '../../lib/lifecycle/guard';
import type { KeptBase, Pending, UpdateResult } from '../../lib/outcome/outcome';
import type { FieldType, FieldTypes } from '../../lib/record/canonical';
import type { RecordRef } from '../../lib/record/ref';
import { snapshotFor } from '../../lib/record/snapshot';
import { checkRequest, type ConflictRule, type UpdateRequest } from '../../lib/update/request';
import type { Message } from '../shared/on-input';
import { namesIn, settingsOf } from '../shared/settings';
import { evaluate, getProperty } from '../shared/typed-value';
import { boundAction } from './action';
import {
  FIELD_TYPE_ROW,
  UPDATE_FIELDS,
  type ConditionalUpdateConfig,
  type FieldTypeRow,
} from './config';
import { decideBy } from './decision';
import { mappedChanges } from './mapping';

export type RequestReader = (
  msg: Message,
  ref: RecordRef,
  family: ApiFamily,
) => Promise<UpdateRequest>;

/** Prepares what the dialog fixes once; the reader turns each message into a checked request. */
export function createRequestReader(
  RED: NodeAPI,
  node: Node,
  config: ConditionalUpdateConfig,
): RequestReader {
  const guards = namesIn(config.guards);
  const rule = ruleOf(RED, node, config);
  const fixed = fixedSettings(config);
  return async (msg, ref, family) => {
    const changes = await changesOf(RED, node, config, msg);
    const before = loopState(getProperty(RED, msg, config.result));
    return checkRequest(
      {
        ref,
        changes,
        guards,
        method: methodOf(config, family),
        transition: guardOf(getProperty(RED, msg, config.guard)),
        action: await boundAction(RED, node, config, msg, { changes, family }),
        stamp: config.stamp.trim() === '' ? undefined : config.stamp.trim(),
        mode: config.mode,
        rule: rule(),
        force: config.force,
        ...fixed(),
        snapshot: snapshotFor(getProperty(RED, msg, config.record), ref),
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
      fieldTypes: fieldTypes(config.fieldTypes),
      turnWaitMs: settingsOf(UPDATE_FIELDS, config).ms('lockWait'),
    });
}

/** Either the table builds them, or they are somewhere as a whole. */
function changesOf(
  RED: NodeAPI,
  node: Node,
  { changes: value, changesType: type, fields }: ConditionalUpdateConfig,
  msg: Message,
): Promise<unknown> {
  if (type === 'fields') return mappedChanges(RED, node, fields, msg);
  return evaluate(RED, node, { value, type, label: 'Changes' }, msg);
}

/** What transition-guard put into the message; without it, only versions and fields are compared. */
function guardOf(value: unknown): TransitionGuard | undefined {
  return value === undefined || value === null ? undefined : checkGuard(value);
}

/** How the changes travel; an action goes by POST, whatever the family writes with. */
function methodOf({ method }: ConditionalUpdateConfig, { methods }: ApiFamily): UpdateMethod {
  return method === 'ACTION' ? (methods[0] ?? 'PATCH') : method;
}

/** What the pass before left in the message; only while the loop goes on. */
function loopState(
  value: unknown,
): { base: KeptBase | undefined; pending: Pending | undefined } | undefined {
  const update = value as Partial<UpdateResult> | null | undefined;
  if (update?.outcome !== 'retry') return undefined;
  return { base: update.base, pending: update.pending };
}

/** A JSONata fault is one of the flow: it surfaces with the first message, at the Catch node. */
function ruleOf(
  RED: NodeAPI,
  node: Node,
  { rule, decision }: ConditionalUpdateConfig,
): () => ConflictRule {
  if (rule !== 'decide') return () => rule;
  let decide: ConflictRule | undefined;
  return () => (decide ??= decideBy(RED, node, decision));
}

function fieldTypes(rows: readonly FieldTypeRow[]): FieldTypes {
  return Object.fromEntries(rows.map(row => [row.name.trim(), fieldType(row)]));
}

function fieldType(row: FieldTypeRow): FieldType {
  const { type } = row;
  const scale = settingsOf(FIELD_TYPE_ROW, row).optional('scale');
  return type !== 'decimal' || scale === undefined ? { type } : { type, scale };
}
