import { field, setFieldValue } from '../shared/editor/dialog';
import type { Translate } from '../shared/editor/translate';
import { PRESET_IDS, PRESETS, type Preset } from './presets.editor';

/** Sets up the choice of a preset. It only fills in other fields; which one was chosen is not kept. */
export function preparePreset(t: Translate): void {
  const choice = $('#record-endpoint-preset');
  const family = field('node-config-input', 'family');
  const chosen = (): Preset | undefined => {
    const id = PRESET_IDS.find(known => known === choice.val());
    return id === undefined ? undefined : PRESETS[id];
  };
  const say = (text: string): void => {
    $('#record-endpoint-preset-result').text(text);
  };
  choice.on('change', () => {
    const preset = chosen();
    if (preset !== undefined) fillIn(preset);
    say(preset === undefined ? '' : t('record-endpoint.tip.preset-filled'));
  });
  // A preset named beside another family would claim what is no longer so.
  family.on('change', () => {
    if (chosen()?.family === family.val()) return;
    choice.val('');
    say('');
  });
}

/** All values first, so that whoever follows one field finds the others in place. */
function fillIn(preset: Preset): void {
  const inputs = Object.entries(preset).map(([name, value]) => {
    const input = field('node-config-input', name);
    setFieldValue(input, value);
    return input;
  });
  for (const input of inputs) input.trigger('change');
}
