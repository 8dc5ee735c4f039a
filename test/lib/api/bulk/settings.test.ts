import { expect, test } from 'vitest';
import {
  checkBulkSettings,
  DEFAULT_BULK_SETTINGS,
  SAP_CX_ENDPOINT,
  SAP_CX_LIST,
  type BulkSettings,
} from '../../../../lib/api/bulk/settings';

const list = (change: object) => ({ list: { ...SAP_CX_LIST, ...change } });
const endpoint = (change: object) => ({ endpoint: { ...SAP_CX_ENDPOINT, ...change } });
const results = (change: object) =>
  endpoint({ results: { ...SAP_CX_ENDPOINT.results, ...change } });

test.each([
  {},
  list({}),
  endpoint({}),
  list({ path: 'a/b', below: 'base' }),
  results({ shape: 'map', id: '' }),
])('settings that can be followed pass: %j', change => {
  expect(() => {
    checkBulkSettings({ ...DEFAULT_BULK_SETTINGS, ...change });
  }).not.toThrow();
});

test.each([
  [{ v: 2 }, 'v'],
  [{ maxAddress: 10 }, 'maxAddress'],
  [{ most: 0 }, 'most'],
  [{ most: 1.5 }, 'most'],
  [{ mostComparisons: 0 }, 'mostComparisons'],
  [{ keyField: 'a b' }, 'keyField'],
  [{ filter: 'any' }, 'filter'],
  [{ batchFormat: 'xml' }, 'batchFormat'],
  [{ list: 'some' }, 'list'],
  [{ endpoint: 'some' }, 'endpoint'],
  [list({ path: '../x' }), 'list.path'],
  [list({ path: '/x' }), 'list.path'],
  [list({ path: 'x?y' }), 'list.path'],
  [list({ path: '', below: 'base' }), 'list.path'],
  [list({ below: 'x' }), 'list.below'],
  [list({ ids: '' }), 'list.ids'],
  [list({ fields: 'a&b' }), 'list.fields'],
  [list({ separator: '&' }), 'list.separator'],
  [list({ id: '' }), 'list.id'],
  [endpoint({ path: 'a//b' }), 'endpoint.path'],
  [endpoint({ versionTo: 'body' }), 'endpoint.versionTo'],
  [endpoint({ versionName: '' }), 'endpoint.versionName'],
  [endpoint({ versionName: 'X ETags' }), 'endpoint.versionName'],
  [endpoint({ versionName: 'If-Match' }), 'endpoint.versionName'],
  [endpoint({ id: '' }), 'endpoint.id'],
  [endpoint({ changes: 'id' }), 'endpoint'],
  [endpoint({ versionTo: 'item', versionName: 'id' }), 'endpoint'],
  [endpoint({ atomicQuery: 'transaction' }), 'endpoint.atomicQuery'],
  [results({ shape: 'tree' }), 'endpoint.results.shape'],
  [results({ status: '' }), 'endpoint.results.status'],
  [results({ id: '' }), 'endpoint.results.id'],
])('%j is refused with the name of the field', (change, field) => {
  expect(() => {
    checkBulkSettings({ ...DEFAULT_BULK_SETTINGS, ...change } as BulkSettings);
  }).toThrow(
    expect.objectContaining({
      code: 'BULK_SETTINGS_INVALID',
      message: expect.stringContaining(`"${field}"`) as string,
    }),
  );
});
