import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBulkSettings, DEFAULT_BULK_SETTINGS } from '../../lib/api/bulk/settings';
import { FAMILY_IDS } from '../../lib/api/family-ids';
import { BULK_INPUTS, type BulkInputs } from '../../nodes/record-endpoint/bulk-fields';
import { inputsFor, settingsFor } from '../../nodes/record-endpoint/bulk-settings';
import { checkBulk } from '../../nodes/record-endpoint/bulk.editor';
import { ENDPOINT_DEFAULTS, type RecordEndpointConfig } from '../../nodes/record-endpoint/config';
import { bulkSettings } from '../../nodes/record-endpoint/settings';
import { defaultsOf, type Field } from '../../nodes/shared/fields';
import { afterAll, beforeAll, vi } from 'vitest';

/** The dialog is not open: the stored values count. */
beforeAll(() => {
  vi.stubGlobal('document', { querySelectorAll: () => [] });
});
afterAll(() => {
  vi.unstubAllGlobals();
});

const words = (key: string): string => key;

const VALUES = fc.constantFrom(
  '',
  'id',
  'data.items',
  'a/b',
  '../x',
  '/x',
  'X-ETags',
  'If-Match',
  'x y',
  'a=1',
  'ids',
  ';',
  '$top',
);

function valueOf(field: Field): fc.Arbitrary<unknown> {
  if (field.kind === 'choice') return fc.constantFrom(...field.options);
  if (field.kind !== 'number') return VALUES;
  return fc.oneof(
    fc.integer({ min: field.min - 1, max: field.max + 1 }),
    fc.constant(''),
    fc.constant(' 250 '),
  );
}

const INPUTS = fc.record(
  Object.fromEntries(
    Object.entries<Field>(BULK_INPUTS).map(([name, field]) => [name, valueOf(field)]),
  ),
) as fc.Arbitrary<BulkInputs>;

function configOf(
  family: RecordEndpointConfig['family'],
  inputs: BulkInputs,
): RecordEndpointConfig {
  return { ...ENDPOINT_DEFAULTS, family, bulk: settingsFor(inputs) };
}

describe('the settings for many records', () => {
  it('are the engine’s own by default, also where a stored flow has none', () => {
    expect(ENDPOINT_DEFAULTS.bulk).toEqual(DEFAULT_BULK_SETTINGS);
    for (const bulk of [{}, ENDPOINT_DEFAULTS.bulk]) {
      expect(bulkSettings({ ...ENDPOINT_DEFAULTS, bulk })).toEqual(DEFAULT_BULK_SETTINGS);
    }
  });

  it('come back into the dialog as they went', () => {
    fc.assert(
      fc.property(INPUTS, inputs => {
        const settings = settingsFor(inputs);
        const again = { ...defaultsOf(BULK_INPUTS), ...inputsFor(settings) } as BulkInputs;
        expect(settingsFor(again)).toEqual(settings);
      }),
    );
  });

  it('that the dialog takes are taken by the runtime and the engine, and what it refuses is refused', () => {
    const taken = { yes: 0, no: 0 };
    fc.assert(
      fc.property(fc.constantFrom(...FAMILY_IDS), INPUTS, (family, inputs) => {
        const config = configOf(family, inputs);
        const node = { ...config, id: 'node', type: 'record-endpoint', _: words };
        const said = checkBulk(words)(config.bulk, node);
        if (said === true) {
          taken.yes++;
          expect(() => {
            checkBulkSettings(bulkSettings(config));
          }).not.toThrow();
        } else {
          taken.no++;
          expect(() => bulkSettings(config)).toThrow('Correct it in the dialog.');
        }
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(taken.yes, taken.no)).toBeGreaterThan(20);
  });

  it('of a later version of this package are refused', () => {
    const bulk = { ...ENDPOINT_DEFAULTS.bulk, v: 2 };
    expect(() => {
      checkBulkSettings(bulkSettings({ ...ENDPOINT_DEFAULTS, bulk }));
    }).toThrow('install a newer version');
  });
});
