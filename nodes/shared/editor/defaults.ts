import type { Translate } from '../checks';
import { missingIn, propertyOf, type ConfigOf, type Fields } from '../fields';
import { field, setFieldValue, type Prefix } from './dialog';
import type { EditorNode, NodeDefinition, Validate } from './red';

/**
 * The properties of a node type, for its registration. The build writes the call out as a literal, because the Flow
 * Library reads the built html without running it.
 */
export function defaults<F extends Fields>(
  fields: F,
  valid: Readonly<Record<keyof F & string, Validate<EditorNode<ConfigOf<F>>>>>,
  t: Translate,
): NodeDefinition<ConfigOf<F>, object>['defaults'] {
  const entries = Object.entries(fields).map(([name, field]) => {
    const { checked, label, ...property } = propertyOf(field);
    const labelled = label === undefined ? {} : { label: t(label) };
    return [name, { ...property, ...labelled, ...(checked ? { validate: valid[name] } : {}) }];
  });
  return Object.fromEntries(entries) as NodeDefinition<ConfigOf<F>, object>['defaults'];
}

/** Shows in the dialog what holds for every property that a node saved by an earlier version lacks. */
export function fillMissing(node: object, prefix: Prefix, fields: Fields): void {
  for (const [name, value] of missingIn(fields, node)) setFieldValue(field(prefix, name), value);
}
