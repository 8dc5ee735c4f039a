// Cases from the field that a recipe settles, on the APIs that they were met at.
import { describe, expect, test } from 'vitest';
import type { RecordKey } from '../../../lib/record/fields';
import { AZURE_BLOB, AZURE_TABLE, COSMOS_DB } from '../../support/played/azure';
import { MAXIMO, ZENDESK } from '../../support/played/business';
import { startPlayed, type PlayedApi } from '../../support/played/played-api';
import { recipeEngine } from '../../support/played/recipe-engine';
import { ELASTICSEARCH, NETBOX } from '../../support/played/stores';

async function run(api: PlayedApi) {
  const server = await startPlayed(api);
  return { ...server, record: server.record, engine: recipeEngine(api, server.url) };
}

describe('Azure Table', () => {
  test.each(['MERGE', 'PUT'] as const)(
    'case 13: %s keeps the types of fields that it writes and of those that nobody touched',
    async method => {
      const { engine, record } = await run({
        ...AZURE_TABLE,
        values: {
          ...AZURE_TABLE.values,
          'Due@odata.type': 'Edm.DateTime',
          Due: '2026-02-08T10:00:00Z',
        },
      });
      const changes = { Meter: '9007199254740995' };
      expect((await engine.update({ method, changes })).result.outcome).toBe('updated');
      expect(record.values).toEqual({
        Status: 'Open',
        Note: 'n0',
        'Meter@odata.type': 'Edm.Int64',
        Meter: '9007199254740995',
        'Due@odata.type': 'Edm.DateTime',
        Due: '2026-02-08T10:00:00Z',
      });
    },
  );

  test('case 13: a type that the changes name goes out with its field', async () => {
    const { engine, record } = await run(AZURE_TABLE);
    const changes = { 'Count@odata.type': 'Edm.Int64', Count: '1' };
    expect((await engine.update({ method: 'MERGE', changes })).result.outcome).toBe('updated');
    expect(record.values).toMatchObject(changes);
  });

  test.each<[RecordKey, string]>([
    [{ PartitionKey: 'p', RowKey: 'r' }, "/acct/Orders(PartitionKey='p',RowKey='r')"],
    [
      { PartitionKey: "O'Brien", RowKey: 'a b' },
      "/acct/Orders(PartitionKey='O''Brien',RowKey='a b')",
    ],
    [{ PartitionKey: '1', RowKey: 'é&+' }, "/acct/Orders(PartitionKey='1',RowKey='é&+')"],
  ])('case U31: the composite key %j stands in the address', async (key, path) => {
    const { url, requests } = await startPlayed(AZURE_TABLE);
    await recipeEngine(AZURE_TABLE, url, { key }).fetch();
    expect(requests.map(request => decodeURIComponent(request.url))).toEqual([path]);
    expect(requests[0]?.headers.accept).toBe('application/json;odata=minimalmetadata');
  });

  test('case U31: what the service says about an entity is no data of it', async () => {
    const { engine, record, writes } = await run(AZURE_TABLE);
    const { record: shown } = await engine.update({ method: 'PUT', changes: { Status: 'Done' } });
    expect(Object.keys(shown?.values ?? {}).filter(name => name.includes('odata.'))).toEqual([]);
    expect(writes()[0]?.body).not.toMatch(/odata\.(?:metadata|etag)/);
    expect(Object.keys(record.values).sort()).toEqual(Object.keys(AZURE_TABLE.values).sort());
  });
});

describe.each([
  ['Azure Blob', AZURE_BLOB, 'x-ms-blob-type', 'BlockBlob', undefined],
  ['Maximo', MAXIMO, 'patchtype', 'MERGE', undefined],
  ['Cosmos DB', COSMOS_DB, 'x-ms-documentdb-partitionkey', '["SO-1"]', '["SO-1"]'],
] as const)('%s', (_name, api, header, onWrites, onReads) => {
  test(`case U32: ${header} goes with every write`, async () => {
    const { engine, requests } = await run(api);
    const { result } = await engine.update({ method: api.method, changes: api.changes });
    expect(result.outcome).toBe('updated');
    expect(requests.map(({ headers }) => headers[header])).toEqual([onReads, onWrites]);
  });
});

test.each([
  ['"quoted"', '["\\"quoted\\""]'],
  ['a{key}b', '["a{key}b"]'],
  ['Größe 3', '["Gr\\u00f6\\u00dfe 3"]'],
])('case U32: the key %s in a header is JSON in ASCII', async (key, partition) => {
  const { url, requests } = await startPlayed(COSMOS_DB);
  await recipeEngine(COSMOS_DB, url, { key }).fetch();
  const sent = requests[0]?.headers['x-ms-documentdb-partitionkey'];
  expect(sent).toBe(partition);
  expect(JSON.parse(String(sent))).toEqual([key]);
});

describe('NetBox shows a choice as an object and takes its value', () => {
  const type = { status: { type: 'member', member: 'value' } } as const;
  const changes = { status: 'planned' };

  test('case 21: a lost answer is found in place', async () => {
    const { engine, record, loseNextWrite } = await run(NETBOX);
    loseNextWrite();
    const { result } = await engine.update({ changes, fieldTypes: type });
    expect([result.outcome, record.revision]).toEqual(['already-applied', 4]);
  });

  test('case 21: written once, it is unchanged', async () => {
    const { engine, writes } = await run(NETBOX);
    const first = await engine.update({ changes, fieldTypes: type });
    const second = await engine.update({ changes, fieldTypes: type });
    expect([first.result.outcome, second.result.outcome]).toEqual(['updated', 'unchanged']);
    expect(writes()).toHaveLength(1);
  });

  test('case 21: another choice of somebody else is a conflict, another field is noise', async () => {
    const { engine, beforeNextWrite } = await run(NETBOX);
    beforeNextWrite({ comments: 'theirs' });
    const noise = await engine.update({ changes, fieldTypes: type });
    beforeNextWrite({ status: 'offline' });
    const theirs = await engine.update({ changes: { status: 'active' }, fieldTypes: type });
    expect([noise.result.outcome, theirs.result.outcome]).toEqual(['updated', 'conflict']);
  });
});

test('case 19: the version of Elasticsearch goes back as two parameters', async () => {
  const { engine, writes } = await run(ELASTICSEARCH);
  await engine.update({ changes: { status: 'Done' } });
  expect(writes().map(({ url, body }) => [url, body])).toEqual([
    ['/orders/_update/SO-1?if_seq_no=3&if_primary_term=1', '{"doc":{"status":"Done"}}'],
  ]);
});

test('case 19d: Zendesk gets its envelope, and the time under another name', async () => {
  const { engine, writes } = await run(ZENDESK);
  await engine.update({ changes: { status: 'hold' } });
  expect(writes().map(({ method, body }) => [method, JSON.parse(body) as unknown])).toEqual([
    [
      'PUT',
      { ticket: { safe_update: true, status: 'hold', updated_stamp: '2026-02-08T10:00:06Z' } },
    ],
  ]);
});

test('case 20: an update of Maximo is a POST that says what it means', async () => {
  const { engine, writes } = await run(MAXIMO);
  await engine.update({ changes: { status: 'COMP' } });
  const [write] = writes();
  expect(write).toMatchObject({
    method: 'POST',
    headers: { 'x-method-override': 'PATCH', 'if-match': '123003' },
    body: '{"status":"COMP"}',
  });
});
