import {
  checkField,
  checkText,
  isEnvironment,
  isMissing,
  type Translate,
  type Validity,
} from '../checks';
import { holds } from '../conditions';
import type { Field, Fields, ReadField, TypedField } from '../fields';
import type { TextKey } from '../text-key';
import { currentValue } from './dialog';
import type { Validate } from './red';

interface Identified {
  readonly id: string;
}

/** The validators of all fields of a table, as far as the table tells. */
export function validators<F extends Fields, Node extends Identified>(
  t: Translate,
  fields: F,
): Record<keyof F, Validate<Node>> {
  const entries = Object.entries(fields).map(([name, field]) => [
    name,
    validator<Node>((value, node) => {
      const other: ReadField = neighbour =>
        currentValue(node, neighbour as keyof Node & string) ?? fields[neighbour]?.value;
      return check(t, { ...field, name }, value, other);
    }),
  ]);
  return Object.fromEntries(entries) as Record<keyof F, Validate<Node>>;
}

/** A validator of a property out of a check that looks at the value and its node. */
export function validator<Node>(check: (value: unknown, node: Node) => Validity): Validate<Node> {
  // Two parameters although one is used: Node-RED takes sentences only from such functions.
  return function (value, _options) {
    return check(value, this);
  };
}

/** The same validator, asked only where the field of that name counts: elsewhere it is hidden. */
export function where<Node extends Identified>(
  field: Field,
  check: (value: unknown, node: Node) => Validity,
): Validate<Node> {
  return validator((value, node) => {
    const other: ReadField = name => currentValue(node, name as keyof Node & string);
    return isMissing(value) || !holds(field.when, other) || check(value, node);
  });
}

function check(
  t: Translate,
  field: Field & { readonly name: string },
  value: unknown,
  other: ReadField,
): Validity {
  const fits = checkField(t, field, value, other);
  const { name, label } = field;
  if (fits !== true || label === undefined || isMissing(value)) return fits;
  if (!holds(field.when, other)) return true;
  switch (field.kind) {
    case 'place':
      return RED.utils.validateTypedProperty(value, 'msg', { label: t(label) });
    case 'typed':
      return checkTyped(t, label, field, value, String(other(`${name}Type`)));
    case 'node':
      return isNode(value, field.type) || t(NOT_CHOSEN[field.type] ?? 'shared.errors.endpoint');
    default:
      return true;
  }
}

function checkTyped(
  t: Translate,
  key: TextKey,
  { bare = [], blank = [], jsonata = [] }: TypedField,
  value: unknown,
  type: string,
): Validity {
  if (bare.includes(type) || (value === '' && blank.includes(type))) return true;
  const label = t(key);
  const filled = checkText(t, label, value);
  if (filled !== true || isEnvironment(value)) return filled;
  const known = jsonata.includes(type) ? 'jsonata' : type;
  return RED.utils.validateTypedProperty(value, known, { label });
}

/** Where it is another config node than the endpoint. */
const NOT_CHOSEN: Readonly<Record<string, TextKey>> = { 'record-store': 'shared.errors.store' };

/** It must be chosen and still exist. */
function isNode(value: unknown, type: string): boolean {
  return typeof value === 'string' && RED.nodes.node(value)?.type === type;
}
