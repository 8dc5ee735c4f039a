import { checkField, type Translate, type Validity } from '../shared/checks';
import { currentValue, field, fieldValue, setFieldValue } from '../shared/editor/dialog';
import type { EditorNode } from '../shared/editor/red';
import type { Field, Fields, ReadField } from '../shared/fields';
import type { RecordEndpointConfig } from './config';

/** Inputs of the dialog whose values are kept together in one object. */
export interface ObjectInputs {
  readonly inputs: Fields;
  /** The values of the inputs for what is stored. */
  readonly valuesFor: (stored: unknown) => Readonly<Record<string, unknown>>;
}

const input = (name: string): JQuery => field('node-config-input', name);

/** What an input of the open dialog shows. */
export const shown: ReadField = name => fieldValue(input(name));

/**
 * Shows what is stored, and marks what does not fit as it is typed.
 * @param others fields of the dialog that the rules of these look at
 */
export function prepareInputs(
  t: Translate,
  { inputs, valuesFor }: ObjectInputs,
  stored: unknown,
  others: readonly string[],
): void {
  const values = valuesFor(stored);
  const all = Object.entries<Field>(inputs);
  for (const [name] of all) setFieldValue(input(name), values[name]);
  const mark = (): void => {
    for (const [name, one] of all) {
      const validity = checkField(t, one, shown(name), shown);
      input(name).toggleClass('input-error', validity !== true);
      if (validity === true) input(name).removeAttr('title');
      else input(name).attr('title', String(validity));
    }
  };
  for (const name of [...others, ...all.map(([own]) => own)]) input(name).on('change', mark);
  mark();
}

/** What the dialog holds. */
export function readInputs({ inputs }: ObjectInputs): Record<string, unknown> {
  return Object.fromEntries(Object.keys(inputs).map(name => [name, shown(name)]));
}

/** The first sentence about what does not fit. */
export function checkInputs(
  t: Translate,
  { inputs, valuesFor }: ObjectInputs,
): (value: unknown, node: EditorNode<RecordEndpointConfig>) => Validity {
  return (value, node) => {
    const stored = valuesFor(value);
    const other: ReadField = name => currentValue(node, name as 'family') ?? stored[name];
    const checked = Object.entries<Field>(inputs).map(([name, one]) =>
      checkField(t, one, other(name), other),
    );
    return checked.find(validity => validity !== true) ?? true;
  };
}
