import { checkGuard } from '../../lib/lifecycle/check-guard';
import type { TransitionGuard } from '../../lib/lifecycle/guard';
import type { FieldType, FieldTypes } from '../../lib/record/canonical';
import type { ConflictRule, Decide, Decision, UpdateRequestInput } from '../../lib/update/request';
import { apiTypesFor } from './api-types';
import type { ConfigOf } from './fields';
import type { COLLECTION_FIELDS } from './record-fields';
import type { Scope } from './scope';
import { namesIn, settingsOf } from './settings';
import { FIELD_TYPE_ROW, RULE_FIELDS, type FieldTypeRow } from './update-fields';

type RuleConfig = ConfigOf<typeof RULE_FIELDS> &
  Pick<ConfigOf<typeof COLLECTION_FIELDS>, 'collection' | 'collectionType'>;

/** What the dialog says of every update, whatever its record and its changes are. */
export type Rules = Pick<
  UpdateRequestInput,
  'sameValue' | 'guards' | 'stamp' | 'rule' | 'fieldTypes' | 'turnWaitMs'
>;

/** Prepares what the dialog fixes once. Calling it throws InputError, for a fault of the dialog is every message's fault. */
export function createRules(config: RuleConfig): (scope: Scope) => Rules {
  const guards = namesIn(config.guards);
  const stamp = config.stamp.trim() === '' ? undefined : config.stamp.trim();
  let rules: Rules | undefined;
  return scope =>
    (rules ??= {
      sameValue: config.sameValue,
      guards,
      stamp,
      rule: ruleOf(config, scope),
      fieldTypes: { ...typesOfApi(config), ...fieldTypes(config.fieldTypes) },
      turnWaitMs: settingsOf(RULE_FIELDS, config).ms('lockWait'),
    });
}

/** What transition-guard put there; without it, only versions and fields are compared. */
export function guardFrom(value: unknown): TransitionGuard | undefined {
  return value === undefined || value === null ? undefined : checkGuard(value);
}

/** A JSONata fault is one of the flow: it surfaces with the first message, at the Catch node. */
function ruleOf({ rule, decision }: RuleConfig, scope: Scope): ConflictRule {
  return rule === 'decide' ? decideBy(scope, decision) : rule;
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

function typesOfApi(config: RuleConfig): FieldTypes {
  const types = Object.entries(apiTypesFor(config.apiTypes, config));
  return Object.fromEntries(types.map(([name, type]) => [name, { type }]));
}

function fieldTypes(rows: readonly FieldTypeRow[]): FieldTypes {
  return Object.fromEntries(rows.map(row => [row.name.trim(), fieldType(row)]));
}

function fieldType(row: FieldTypeRow): FieldType {
  const { type } = row;
  const read = settingsOf(FIELD_TYPE_ROW, row);
  if (type === 'member') return { type, member: read.text('member') };
  const scale = read.optional('scale');
  return type !== 'decimal' || scale === undefined ? { type } : { type, scale };
}
