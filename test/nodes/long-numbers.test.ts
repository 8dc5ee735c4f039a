import { describe, expect, it } from 'vitest';
import { LosslessNumber } from 'lossless-json';
import type { FieldRow } from '../../nodes/conditional-update/config';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server';
import {
  bulkNode,
  catcher,
  dedupeNode,
  endpoint,
  fetchNode,
  inboxes,
  lockNode,
  storeNode,
  updateNode,
} from '../support/flow-nodes';
import { Flow, useNodeRed, type Msg } from '../support/flow-runtime';

useNodeRed();

const LONG = '9007199254740993';

/** A record whose field `n` takes what is written, digit by digit. */
async function startNumbers(): Promise<ScriptedServer> {
  let n = '1';
  let version = 1;
  return startScriptedServer(({ method, body }) => {
    if (method !== 'GET') {
      n = /"n":(.*)\}$/.exec(body)?.[1] ?? 'null';
      version += 1;
    }
    const headers = { etag: `"${String(version)}"`, 'content-type': 'application/json' };
    return { status: 200, headers, body: `{"n":${n}}` };
  });
}

type Node = Parameters<typeof updateNode>[2];

async function write(node: Node, msg: Msg) {
  const server = await startNumbers();
  const flow = await Flow.start([
    endpoint({ server: 'url', family: 'rest', baseUrl: server.url }),
    updateNode('update', [['done'], ['not-done']], { collection: 'records', ...node }),
    ...inboxes('done', 'not-done'),
    ...catcher(),
  ]);
  const pass = () => flow.pass('update', { key: 'A1', ...msg });
  return { server, pass };
}

const row = (valueType: FieldRow['valueType'], value: string): FieldRow => ({
  field: 'n',
  value,
  valueType,
  optional: false,
});

describe('a number that JavaScript cannot hold', () => {
  const fields = { changesType: 'fields', changes: '' } as const;
  it.each([
    ['typed as JSON', { changesType: 'json', changes: `{"n": ${LONG}}` } as const, LONG],
    ['typed as a number', { ...fields, fields: [row('num', LONG)] }, LONG],
    [
      'typed as JSON of a row',
      { ...fields, fields: [row('json', `[${LONG}, 1.5]`)] },
      `[${LONG},1.5]`,
    ],
    [
      'with a fraction',
      { ...fields, fields: [row('num', '99999999999.1234567891')] },
      '99999999999.1234567891',
    ],
    ['with an exponent', { ...fields, fields: [row('num', '1e22')] }, '1e22'],
  ])('case U12: %s is written digit by digit, and found again', async (_what, node, digits) => {
    const { server, pass } = await write(node, {});
    const first = await pass();
    expect(first.msg.update).toMatchObject({ outcome: 'updated', verified: true });
    expect(first.msg.update).not.toHaveProperty('error');
    expect(server.requests.find(({ method }) => method !== 'GET')?.body).toBe(`{"n":${digits}}`);
    const again = await pass();
    expect(again.msg.update?.outcome).toBe('unchanged');
  });

  it.each([
    ['whole', { n: 9007199254740992 }],
    ['deep inside', { n: { list: [1, { a: 1e20 }] } }],
  ])('case U12: %s in the message is refused', async (_what, payload) => {
    const { server, pass } = await write({}, { payload });
    const { at, msg } = await pass();
    expect([at, msg.error?.code]).toEqual(['caught', 'CHANGES_INVALID']);
    expect(msg.error?.message).toContain('9007199254740991');
    expect(server.requests).toHaveLength(0);
  });

  const live = { n: new LosslessNumber(LONG) };
  it.each([
    ['live', live, LONG],
    ['after JSON', JSON.parse(JSON.stringify(live)), LONG],
    ['deep inside', { n: [JSON.parse(JSON.stringify(live.n)), live.n] }, `[${LONG},${LONG}]`],
    ['that JavaScript can hold', { n: new LosslessNumber('12.50') }, '12.5'],
  ])('case U15: an object of lossless-json (%s) is its digits', async (_what, payload, digits) => {
    const { server, pass } = await write({}, { payload });
    const { msg } = await pass();
    expect(msg.update?.outcome).toBe('updated');
    expect(server.requests.find(({ method }) => method !== 'GET')?.body).toBe(`{"n":${digits}}`);
    expect((await pass()).msg.update?.outcome).toBe('unchanged');
  });

  it('typed as a key is refused, for OData tells 7 from "7"', async () => {
    const { server, pass } = await write({ key: LONG, keyType: 'num' }, { payload: { n: 2 } });
    const { at, msg } = await pass();
    expect([at, msg.error?.code]).toEqual(['caught', 'NUMBER_TOO_LONG']);
    expect(msg.error?.message).toContain(`Key holds the number ${LONG}`);
    expect(server.requests).toHaveLength(0);
  });
});

describe('case U14: digits that JSONata may have rounded', () => {
  const keys = { key: '"SO-" & payload.id', keyType: 'jsonata' } as const;

  async function at(node: 'fetch' | 'update' | 'lock' | 'check', msg: Msg, made: object = keys) {
    const server = await startNumbers();
    const flow = await Flow.start([
      endpoint({ server: 'url', family: 'rest', baseUrl: server.url }),
      storeNode({ keep: 'memory' }),
      fetchNode('fetch', [['done'], []], { collection: 'records', ...made }),
      updateNode('update', [['done'], []], {
        collection: 'records',
        changes: '{"n": 2}',
        changesType: 'json',
        ...made,
      }),
      lockNode('lock', [['done'], []], { collection: 'records', ...made }),
      dedupeNode('check', [['done'], []], { eventId: keys.key, eventIdType: 'jsonata', ...made }),
      ...inboxes('done'),
      ...catcher(),
    ]);
    return flow.pass(node, msg);
  }

  it.each([
    ['fetch', 'KEY_INVALID'],
    ['update', 'KEY_INVALID'],
    ['lock', 'KEY_INVALID'],
    ['check', 'EVENT_ID_INVALID'],
  ] as const)('%s refuses them with the reason', async (node, code) => {
    const { at: where, msg } = await at(node, { payload: { id: Number(LONG) } });
    expect([where, msg.error?.code]).toEqual(['caught', code]);
    expect(msg.error?.message).toMatch(/rounds a number of more than 15 digits/);
  });

  it.each(['fetch', 'update', 'lock', 'check'] as const)('%s takes those of a text', async node => {
    const { at: where } = await at(node, { payload: { id: LONG } });
    expect(where).toBe('done');
  });

  it('refuses a time whose fraction was cut, which JSONata does in every version', async () => {
    const { at: where, msg } = await at('check', { payload: { id: 1764345600.123456 } });
    expect([where, msg.error?.code]).toEqual(['caught', 'EVENT_ID_INVALID']);
    expect(msg.error?.message).toContain('1764345600.12346');
  });

  it('looks into every member of a composite key', async () => {
    const made = { key: '{"plant": "P1", "order": "SO-" & payload.id}', keyType: 'jsonata' };
    const endless: Msg = { payload: { id: Number(LONG) } };
    endless.self = endless;
    const { at: where, msg } = await at('lock', endless, made);
    expect([where, msg.error?.code]).toEqual(['caught', 'KEY_INVALID']);
  });

  const rows = [{ id: LONG }, { id: Number(LONG) }, { id: LONG.replace('3', '5') }];

  it('bulk-update refuses the items whose keys they are, and updates the others', async () => {
    const server = await startNumbers();
    const flow = await Flow.start([
      endpoint({ server: 'url', family: 'rest', baseUrl: server.url }),
      bulkNode('bulk', [['done'], ['refused']], {
        collection: 'records',
        list: 'payload.{"key": "SO-" & id, "changes": {"n": 2}}',
        listType: 'jsonata',
      }),
      ...inboxes('done', 'refused'),
      ...catcher(),
    ]);
    flow.send('bulk', { payload: rows });
    const [refused] = await flow.count('refused', 1);
    expect(refused?.update).toMatchObject({ outcome: 'rejected', error: { code: 'KEY_INVALID' } });
    expect(refused?.update?.error?.message).toMatch(/rounds a number of more than 15 digits/);
    expect(await flow.count('done', 2)).toHaveLength(2);
    expect(server.requests.filter(({ url }) => url.includes(String(Number(LONG))))).toEqual([]);
  });

  it('a list of keys is read without them', async () => {
    const { at: where, msg } = await at(
      'fetch',
      { payload: rows },
      {
        key: 'payload.("SO-" & id)',
        keyType: 'jsonata',
      },
    );
    expect(where).toBe('done');
    const keys = (msg.records as { key: string }[]).map(({ key }) => key);
    expect(keys).toEqual([`SO-${LONG}`, `SO-${LONG.replace('3', '5')}`]);
  });
});
