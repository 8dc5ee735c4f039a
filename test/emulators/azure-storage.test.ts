// The recipes of Azure Storage at Azurite: what the played servers claim, a program of Microsoft's confirms.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Fields } from '../../lib/record/fields';
import { AZURE_BLOB, AZURE_TABLE } from '../support/played/azure';
import { recipeEngine } from '../support/played/recipe-engine';
import { Azurite } from './azurite';

let azurite: Azurite;

beforeAll(async () => {
  azurite = await Azurite.start();
  await azurite.ask('POST', `${azurite.table}/Tables`, '{"TableName":"Orders"}', JSON_BOTH);
  await azurite.ask('PUT', `${azurite.blob}/orders?restype=container`);
});
afterAll(() => azurite.stop());

const V3 = 'application/json;odata=minimalmetadata';
const JSON_BOTH = { 'content-type': 'application/json', accept: V3 };

describe('Azure Table', () => {
  const entity = () => `${azurite.table}/Orders(PartitionKey='p',RowKey='r')`;
  const START = {
    Status: 'Open',
    Note: 'n0',
    'Meter@odata.type': 'Edm.Int64',
    Meter: '9007199254740993',
    'Due@odata.type': 'Edm.DateTime',
    Due: '2026-02-08T10:00:00.0000000Z',
  };
  const put = (fields: Fields) =>
    azurite.ask('PUT', entity(), JSON.stringify(fields), { ...JSON_BOTH, 'if-match': '*' });
  const engineNow = () =>
    recipeEngine(AZURE_TABLE, azurite.table, { rest: { query: azurite.signature } });
  const stored = async (): Promise<Record<string, unknown>> => {
    const answer = await azurite.ask('GET', entity(), undefined, { accept: V3 });
    return (await answer.json()) as Record<string, unknown>;
  };

  beforeEach(async () => {
    await azurite.ask('PUT', entity(), JSON.stringify(START), JSON_BOTH);
  });

  test.each(['MERGE', 'PUT'] as const)(
    'case 13: %s keeps the types of all fields',
    async method => {
      const changes = { Status: 'Done', Meter: '9007199254740995' };
      const { result } = await engineNow().update({ method, changes });
      expect(result.outcome).toBe('updated');
      expect(await stored()).toMatchObject({ ...START, ...changes });
    },
  );

  test.each(['MERGE', 'PUT'] as const)(
    'an outdated version is noise or a conflict: %s',
    async method => {
      const engine = engineNow();
      const fetched = await engine.fetch();
      if (!('snapshot' in fetched)) throw new Error('not read');
      const { snapshot } = fetched;
      await put({ ...START, Note: 'theirs' });
      const noise = await engine.update({ method, changes: { Status: 'Done' }, snapshot });
      await put({ ...START, Status: 'Hold' });
      const theirs = await engine.update({ method, changes: { Status: 'Done' }, snapshot });
      expect([noise.result.outcome, theirs.result.outcome]).toEqual(['updated', 'conflict']);
    },
  );

  test('refuses an outdated version, and Accept of OData V4', async () => {
    const old = { ...JSON_BOTH, 'if-match': 'W/"datetime\'2026-02-08T10%3A00%3A00.0000000Z\'"' };
    const write = azurite.ask('MERGE', entity(), '{"Note":"x"}', old);
    await expect(write).rejects.toThrow(/: 412 .*UpdateConditionNotSatisfied/s);
    const v4 = { accept: 'application/json;odata.metadata=minimal' };
    await expect(azurite.ask('GET', entity(), undefined, v4)).rejects.toThrow(/: 415 /);
  });
});

describe('Azure Blob', () => {
  const blob = () => `${azurite.blob}/orders/SO-1.json`;
  const put = (fields: Fields) =>
    azurite.ask('PUT', blob(), JSON.stringify(fields), { 'x-ms-blob-type': 'BlockBlob' });
  const engineNow = () =>
    recipeEngine(AZURE_BLOB, azurite.blob, { rest: { query: azurite.signature } });
  const stored = async (): Promise<unknown> => (await azurite.ask('GET', blob())).json();

  test('case U32: a document is written whole, with the type of the blob', async () => {
    await put({ status: 'Open', note: 'n0' });
    const update = { method: 'PUT', changes: { status: 'Done' } } as const;
    const first = await engineNow().update(update);
    const second = await engineNow().update(update);
    expect([first.result.outcome, second.result.outcome]).toEqual(['updated', 'unchanged']);
    expect(await stored()).toEqual({ status: 'Done', note: 'n0' });
  });

  test('an outdated version is noise or a conflict', async () => {
    await put({ status: 'Open', note: 'n0' });
    const engine = engineNow();
    const fetched = await engine.fetch();
    if (!('snapshot' in fetched)) throw new Error('not read');
    const update = {
      method: 'PUT',
      changes: { status: 'Done' },
      snapshot: fetched.snapshot,
    } as const;
    await put({ status: 'Open', note: 'theirs' });
    const noise = await engine.update(update);
    await put({ status: 'Hold', note: 'theirs' });
    const theirs = await engine.update(update);
    expect([noise.result.outcome, theirs.result.outcome]).toEqual(['updated', 'conflict']);
  });

  test('refuses an outdated version, and a write that names no type of blob', async () => {
    await put({ status: 'Open' });
    const old = { 'x-ms-blob-type': 'BlockBlob', 'if-match': '"0x1"' };
    await expect(azurite.ask('PUT', blob(), '{}', old)).rejects.toThrow(/: 412 .*ConditionNotMet/s);
    await expect(azurite.ask('PUT', blob(), '{}')).rejects.toThrow(/: 400 /);
  });
});
