import { checkField, type Translate, type Validity } from '../shared/checks';
import { currentValue, field, fieldValue, setFieldValue } from '../shared/editor/dialog';
import type { EditorNode } from '../shared/editor/red';
import type { Field, ReadField } from '../shared/fields';
import { BULK_INPUTS, type BulkInputs } from './bulk-fields';
import { inputsFor, settingsFor } from './bulk-settings';
import type { RecordEndpointConfig } from './config';

const INPUTS = Object.entries<Field>(BULK_INPUTS);

const input = (name: string): JQuery => field('node-config-input', name);

/** Shows the settings for many records, and marks what does not fit as it is typed. */
export function prepareBulk(t: Translate, stored: unknown): void {
  const values = inputsFor(stored);
  for (const [name] of INPUTS) setFieldValue(input(name), values[name]);
  const mark = (): void => {
    for (const [name, one] of INPUTS) {
      const fits = checkField(t, one, shown(name), shown) === true;
      input(name).toggleClass('input-error', !fits);
    }
  };
  for (const name of ['family', ...INPUTS.map(([own]) => own)]) input(name).on('change', mark);
  mark();
}

const shown: ReadField = name => fieldValue(input(name));

/** What the dialog holds. */
export function readBulk(): RecordEndpointConfig['bulk'] {
  const values = INPUTS.map(([name]) => [name, shown(name)]);
  return settingsFor(Object.fromEntries(values) as BulkInputs);
}

/** The first sentence about what does not fit. */
export function checkBulk(
  t: Translate,
): (value: unknown, node: EditorNode<RecordEndpointConfig>) => Validity {
  return (value, node) => {
    const stored = inputsFor(value);
    const other: ReadField = name => currentValue(node, name as 'family') ?? stored[name];
    const checked = INPUTS.map(([name, one]) => checkField(t, one, other(name), other));
    return checked.find(validity => validity !== true) ?? true;
  };
}
