import { currentValue } from './dialog';
import {
  checkNumber,
  checkNumbers,
  checkText,
  checkUrl,
  isEnvironment,
  type Check,
  type Range,
} from './checks';
import type { Validate, Validity } from './red';
import type { Translate } from './translate';

/** A validator of a property out of a check that looks at the value and its node. */
export function validator<Node>(check: (value: unknown, node: Node) => Validity): Validate<Node> {
  // Two parameters although one is used: Node-RED takes sentences only from such functions.
  return function (value, _options) {
    return check(value, this);
  };
}

/** The same validator, asked only while a condition holds: for fields that are hidden otherwise. */
export function when<Node>(
  condition: (node: Node) => boolean,
  validate: Validate<Node>,
): Validate<Node> {
  return function (value, options) {
    return condition(this) ? validate.call(this, value, options) : true;
  };
}

export function number<Node>(t: Translate, label: string, range: Range): Validate<Node> {
  return validator(value => checkNumber(t, t(label), value, range));
}

export function numbers<Node>(t: Translate, label: string, range: Range): Validate<Node> {
  return validator(value => checkNumbers(t, t(label), value, range));
}

export function url<Node>(t: Translate, label: string): Validate<Node> {
  return checked(t, label, checkUrl);
}

export function text<Node>(t: Translate, label: string): Validate<Node> {
  return checked(t, label, checkText);
}

/** The name of a message property. */
export function messageProperty<Node>(t: Translate, label: string): Validate<Node> {
  return validator(value => RED.utils.validateTypedProperty(value, 'msg', { label: t(label) }));
}

/** A value whose type is held by another property of the node. */
export function typedValue<Node extends { readonly id: string }>(
  t: Translate,
  label: string,
  typeField: keyof Node & string,
): Validate<Node> {
  return validator<Node>((value, node) => {
    const filled = checkText(t, t(label), value);
    if (filled !== true || isEnvironment(value)) return filled;
    const type = String(currentValue(node, typeField));
    return RED.utils.validateTypedProperty(value, type, { label: t(label) });
  });
}

/** The endpoint must be chosen and still exist. */
export function endpoint<Node>(t: Translate): Validate<Node> {
  return validator(value => {
    const exists = typeof value === 'string' && RED.nodes.node(value)?.type === 'record-endpoint';
    return exists || t('shared.errors.endpoint');
  });
}

/** A property that one of the checks is enough for. */
export function checked<Node>(t: Translate, label: string, check: Check): Validate<Node> {
  return validator(value => check(t, t(label), value));
}
