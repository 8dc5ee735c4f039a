import type { Translate, Validity } from '../shared/checks';
import type { EditorNode } from '../shared/editor/red';
import { BULK_INPUTS, type BulkInputs } from './bulk-fields';
import { inputsFor, settingsFor } from './bulk-settings';
import type { RecordEndpointConfig } from './config';
import { checkInputs, prepareInputs, readInputs } from './object-inputs.editor';

const BULK = { inputs: BULK_INPUTS, valuesFor: inputsFor };

/** Shows the settings for many records, and marks what does not fit as it is typed. */
export function prepareBulk(t: Translate, stored: unknown): void {
  prepareInputs(t, BULK, stored, ['family']);
}

/** What the dialog holds. */
export function readBulk(): RecordEndpointConfig['bulk'] {
  return settingsFor(readInputs(BULK) as unknown as BulkInputs);
}

/** The first sentence about what does not fit. */
export function checkBulk(
  t: Translate,
): (value: unknown, node: EditorNode<RecordEndpointConfig>) => Validity {
  return checkInputs(t, BULK);
}
