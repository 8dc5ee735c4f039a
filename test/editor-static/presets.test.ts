import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inRoot } from '../../scripts/lib/root.mjs';
import { recipeConfig } from '../support/played/recipe-engine';
import { createFamily } from '../../lib/api/families';
import { FAMILY_IDS } from '../../lib/api/family-ids';
import { ENDPOINT_DEFAULTS } from '../../nodes/record-endpoint/config';
import { EXCHANGE_INPUTS } from '../../nodes/record-endpoint/exchange-fields';
import { presetValues } from '../../nodes/record-endpoint/preset-values';
import { PRESETS, type PresetId } from '../../nodes/record-endpoint/presets';
import { RECIPES, type RecipeId } from '../../nodes/record-endpoint/recipes';
import { apiSettings } from '../../nodes/record-endpoint/settings';
import { retryPolicy } from '../../nodes/shared/retry-policy';

/** What the dialog shows. */
const INPUTS = Object.keys({ ...ENDPOINT_DEFAULTS, ...EXCHANGE_INPUTS });
const PRESET_IDS = Object.keys(PRESETS) as PresetId[];
const USUAL = presetValues('odata', {});
const RECIPE_IDS = Object.keys(RECIPES) as RecipeId[];

describe.each(PRESET_IDS)('the preset %s', id => {
  const preset = presetValues(id, PRESETS[id]);
  const policy = retryPolicy(preset);

  it('is a usable part of an endpoint', () => {
    expect(INPUTS).toEqual(expect.arrayContaining(Object.keys(preset)));
    expect(FAMILY_IDS).toContain(preset.family);
    expect(Number(preset.parallel)).toBeGreaterThanOrEqual(1);
    expect(Number(preset.parallel)).toBeLessThanOrEqual(1000);
  });

  it('fills in the same fields as every other one, so that none of the one before stays', () => {
    expect(Object.keys(preset).sort()).toEqual(Object.keys(USUAL).sort());
  });

  it('has a deadline that all of its waits fit into, and a request after each', () => {
    const { schedule, conflictRetries, jitter } = policy;
    if (schedule.kind !== 'list') {
      expect(policy.firstAtOnce).toBe(true);
      return;
    }
    expect(schedule.waitsMs).toHaveLength(conflictRetries);
    const longest = jitter.kind === 'percent' ? 1 + jitter.percent / 100 : 1;
    const waitsMs = schedule.waitsMs.reduce((sum, waitMs) => sum + waitMs * longest, 0);
    expect(waitsMs + conflictRetries * 2_000).toBeLessThan(policy.deadlineMs);
  });
});

it('the presets hold the numbers from the field', () => {
  const numbers = PRESET_IDS.map(id => {
    const { conflictRetries, schedule, waits, jitter, jitterPercent, parallel } = presetValues(
      id,
      PRESETS[id],
    );
    const fixed = schedule === 'list' ? waits : 'growing';
    return [id, conflictRetries, fixed, jitter === 'percent' ? jitterPercent : jitter, parallel];
  });
  expect(numbers).toEqual([
    ['dataverse', 3, '0.5, 1.5, 4', 'full', 40],
    ['finance-operations', 3, '1, 2, 4', 'full', 20],
    ['sap-cx', 5, '2, 4, 8, 16, 32', 'full', 5],
    ['apriso', 3, '0.5, 1, 2', 10, 10],
    ['sap-gateway', 8, 'growing', 'full', 8],
    ['odata', 8, 'growing', 'full', 50],
  ]);
});

describe.each(RECIPE_IDS)('the recipe %s', id => {
  const recipe: object = RECIPES[id];

  it('fills in what the presets fill in', () => {
    const preset = presetValues('rest', recipe);
    expect(Object.keys(preset).sort()).toEqual(Object.keys(USUAL).sort());
  });

  it('is a description that the endpoint takes', () => {
    const settings = apiSettings(recipeConfig(id, 'https://api.example/base'));
    expect(() => createFamily('rest', settings)).not.toThrow();
  });

  it('says nothing that is as usual anyway', () => {
    const usual: Readonly<Record<string, unknown>> = presetValues('rest', {});
    for (const [name, value] of Object.entries(recipe)) expect(value).not.toEqual(usual[name]);
  });
});

it('the choice offers every preset and recipe once, in groups, and nothing else', () => {
  const form = readFileSync(inRoot('nodes/record-endpoint/record-endpoint.html'), 'utf8');
  const choice = /<select id="record-endpoint-preset">([\s\S]*?)<\/select>/.exec(form)?.[1] ?? '';
  const values = [...choice.matchAll(/value="([^"]*)"/g)].map(([, value]) => value);
  expect(values.sort()).toEqual(['', ...PRESET_IDS, ...RECIPE_IDS].sort());
  const outside = choice.replaceAll(/<optgroup[\s\S]*?<\/optgroup>/g, '');
  expect(outside.match(/<option/g)).toHaveLength(1);
});

it('those that check no version stand in a group of their own', () => {
  const form = readFileSync(inRoot('nodes/record-endpoint/record-endpoint.html'), 'utf8');
  const group = /presets-unchecked">([\s\S]*?)<\/optgroup>/.exec(form)?.[1] ?? '';
  const values = [...group.matchAll(/value="([^"]*)"/g)].map(([, value]) => value);
  const unchecked = RECIPE_IDS.filter(id => {
    const settings = apiSettings(recipeConfig(id, 'https://api.example/base'));
    return createFamily('rest', settings).unchecked === true;
  });
  expect(values.sort()).toEqual(unchecked.sort());
});
