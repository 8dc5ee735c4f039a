import type { Translate } from '../shared/checks';
import { field, setFieldValue } from '../shared/editor/dialog';
import { resourceUrl } from '../shared/editor/resource';
import type { TextKey } from '../shared/text-key';
import { ENDPOINT_FIELDS } from './config';
import { presetValues, type Preset } from './preset-values';
import type * as Presets from './presets';
import type { RecipeId } from './recipes';

/**
 * Sets up the choice of a preset. It only fills in other fields; which one was chosen is not kept. What presets say is
 * loaded when one of them is chosen.
 */
export function preparePreset(t: Translate): void {
  const choice = $('#record-endpoint-preset');
  const family = field('node-config-input', 'family');
  const say = (...texts: TextKey[]): void => {
    $('#record-endpoint-preset-result').text(texts.map(text => t(text)).join(' '));
  };
  const fill = async (id: string): Promise<void> => {
    const preset = await presetNamed(id);
    // Another one may have been chosen while it was loaded.
    if (choice.val() !== id) return;
    fillIn(preset);
    const filled = 'record-endpoint.tip.preset-filled';
    say(filled, ...(isRecipe(id) ? [`record-endpoint.tip.recipe-${id}` as const] : []));
  };
  choice.on('change', () => {
    const id = String(choice.val());
    say();
    if (id === '') return;
    fill(id).catch(() => {
      say('record-endpoint.tip.preset-failed');
    });
  });
  // A preset named beside another family would claim what is no longer so.
  family.on('change', () => {
    const id = String(choice.val());
    if (id === '' || familyOf(id) === family.val()) return;
    choice.val('');
    say();
  });
}

/** Presets have the name of their family, recipes are of the general one. */
function familyOf(id: string): Preset['family'] {
  return ENDPOINT_FIELDS.family.options.find(family => family === id) ?? 'rest';
}

function isRecipe(id: string): id is RecipeId {
  return familyOf(id) === 'rest';
}

async function presetNamed(id: string): Promise<Preset> {
  const { PRESETS, RECIPES } = (await import(resourceUrl('presets.js'))) as typeof Presets;
  const part = isRecipe(id) ? RECIPES[id] : PRESETS[id as Presets.PresetId];
  return presetValues(familyOf(id), part);
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
