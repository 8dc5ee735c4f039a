import { isEnvironment, type Translate } from '../checks';
import type { Field } from '../fields';
import type { TextKey } from '../text-key';
import { currentValue } from './dialog';
import type { Validate } from './red';
import { where } from './validate';

interface Bounds<Node> {
  readonly field: Field;
  /** Whether it fits by itself. */
  readonly alone: Validate<Node>;
  /** Name of the other one. */
  readonly other: keyof Node & string;
  readonly fit: (value: number, other: number) => boolean;
  /** Key of the sentence where they do not. */
  readonly said: TextKey;
}

/** A number that fits by itself, and beside another one. */
export function beside<Node extends { readonly id: string }>(
  t: Translate,
  { field, alone, other: name, fit, said }: Bounds<Node>,
): Validate<Node> {
  return where<Node>(field, (value, node) => {
    const fits = alone.call(node, value, {});
    const other = currentValue(node, name);
    if (fits !== true || isEnvironment(value) || isEnvironment(other)) return fits;
    return fit(Number(value), Number(other)) || t(said);
  });
}
