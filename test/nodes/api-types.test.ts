import { describe, expect, it } from 'vitest';
import { bulkNode, catcher, endpoint, inboxes, updateNode } from '../support/flow-nodes';
import { Flow, useNodeRed } from '../support/flow-runtime';
import { startScriptedServer } from '../support/scripted-server';

useNodeRed();

const GUID = '5A1E0000-2025-4000-8000-000000000145';
/** As CAP 10 spells them: decimals and long integers are text. */
const RECORD = {
  amount: '12.50',
  counted: '9007199254740993',
  at: '2026-01-01T00:00:00.000Z',
  on: '2026-01-01',
  ref: GUID,
};
const TYPES = {
  amount: 'decimal',
  counted: 'integer',
  at: 'date-time',
  on: 'date',
  ref: 'guid',
} as const;

async function update(changes: object, config: object) {
  let etag = '"1"';
  const { url, requests } = await startScriptedServer(({ method }) => {
    if (method !== 'GET') etag = '"2"';
    return { status: 200, headers: { etag }, body: RECORD };
  });
  const flow = await Flow.start([
    endpoint({ server: 'url', family: 'odata', baseUrl: url }),
    updateNode('update', [['done'], ['not-done']], { collection: 'Orders', ...config }),
    ...inboxes('done', 'not-done'),
    ...catcher(),
  ]);
  const { msg } = await flow.pass('update', { key: 'A1', payload: changes });
  const { outcome } = msg.update as { readonly outcome: string };
  return { outcome, writes: requests.filter(({ method }) => method !== 'GET').length };
}

describe('types that the API tells, kept in the node', () => {
  it.each([
    ['a decimal', { amount: 12.5 }],
    ['a long integer', { counted: '09007199254740993' }],
    ['a time', { at: '2026-01-01T01:00:00+01:00' }],
    ['a day', { on: '2026-01-01T00:00:00Z' }],
    ['a GUID', { ref: GUID.toLowerCase() }],
  ])('let %s in another spelling end as unchanged', async (_name, changes) => {
    const apiTypes = { collection: 'Orders', types: TYPES };
    expect(await update(changes, { apiTypes })).toEqual({ outcome: 'unchanged', writes: 0 });
  });

  it.each([
    ['none', {}],
    ['those of other records', { apiTypes: { collection: 'Lines', types: TYPES } }],
    [
      'what the package does not know',
      { apiTypes: { collection: 'Orders', types: { amount: 1 } } },
    ],
    ['no object', { apiTypes: { collection: 'Orders', types: 'decimal' } }],
    [
      'less than what a person has chosen',
      {
        apiTypes: { collection: 'Orders', types: TYPES },
        fieldTypes: [{ name: 'amount', type: 'text', scale: '' }],
      },
    ],
  ])('do nothing where there is %s', async (_name, config) => {
    expect(await update({ amount: 12.5 }, config)).toMatchObject({ writes: 1 });
  });

  it('hold for many records, too', async () => {
    const { url, requests } = await startScriptedServer(() => ({
      status: 200,
      headers: { etag: '"1"' },
      body: RECORD,
    }));
    const flow = await Flow.start([
      endpoint({ server: 'url', family: 'rest', baseUrl: url, bulkWrites: 'single' }),
      bulkNode('bulk', [['done'], ['not-done']], {
        collection: 'Orders',
        apiTypes: { collection: 'Orders', types: TYPES },
      }),
      ...inboxes('done', 'not-done'),
      ...catcher(),
    ]);
    const payload = [{ key: 'A1', changes: { amount: 12.5 } }];
    const { at, msg } = await flow.pass('bulk', { payload });
    expect([at, (msg.update as { outcome: string }).outcome]).toEqual(['done', 'unchanged']);
    expect(requests.every(({ method }) => method === 'GET')).toBe(true);
  });
});
