import { describe, expect, test } from 'vitest';
import { Engine } from '../../support/engine';
import { startRecordApi, type RecordApi, type Step } from '../../support/engine-record';
import type { Reply } from '../../support/scripted-server';

type Header = readonly [string, string];

const CACHES: readonly (readonly [string, Header])[] = [
  ['says HIT', ['x-cache-status', 'HIT']],
  ['tells the age of its answer', ['age', '7']],
];

/** What a cache in front of the API keeps from now on: the record as it is, for so many reads. */
function keep(api: RecordApi, reads: number, [name, value]: Header): void {
  const etag = api.version;
  const body = api.values;
  const kept: Reply = { status: 200, headers: { etag, [name]: value }, body };
  api.reads.push(...Array.from({ length: reads }, (): Step => kept));
}

describe.each(CACHES)('a cache in front of the API that %s', (_name, header) => {
  test('case U26: update A, then B at once: B is no conflict with our own A', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    api.reads.push((_request, proceed) => {
      keep(api, 1, header);
      return proceed();
    });
    const first = await engine.update();
    const second = await engine.update({ changes: { status: 'Closed' } });
    expect([first.result.outcome, second.result.outcome]).toEqual(['updated', 'updated']);
    expect(api.committed.map(({ values }) => values.status)).toEqual(['Done', 'Closed']);
  });

  test('case U26: what a message was decided on stays the baseline', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    const snapshot = engine.snapshot(api.version, api.values);
    api.change({ status: 'Cancelled' });
    const { result } = await engine.update({ snapshot });
    expect(result).toMatchObject({ outcome: 'conflict' });
    expect(api.committed).toHaveLength(0);
  });

  test('case U26: a change by somebody after a fresh look is a conflict', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    keep(api, 1, header);
    api.noise();
    api.writes.push(
      (_request, proceed) => proceed(),
      (_request, proceed) => {
        api.change({ status: 'Cancelled' });
        return proceed();
      },
    );
    const { result } = await engine.update();
    expect(result.outcome).toBe('conflict');
    expect(api.committed).toHaveLength(0);
  });

  test('case U26: in a wired loop the cached snapshot is no baseline of the next pass either', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    keep(api, 1, header);
    api.change({ status: 'Done' });
    const changes = { status: 'Closed' };
    const first = await engine.update({ changes, mode: 'once' });
    expect(first.result.outcome).toBe('retry');
    const second = await engine.update({
      changes,
      mode: 'once',
      snapshot: first.record,
      base: first.result.base,
      pending: first.result.pending,
    });
    expect(second.result.outcome).toBe('updated');
  });

  test('case U26: a first read from the cache that is current costs nothing more', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    keep(api, 1, header);
    const { result } = await engine.update();
    expect(result.outcome).toBe('updated');
    expect(api.methods).toEqual(['GET', 'PATCH']);
    expect(engine.time.waits).toEqual([]);
  });

  test('case U26: a read for its own sake that is older than our own write is taken again', async () => {
    const api = await startRecordApi();
    const engine = new Engine(api.url);
    api.reads.push((_request, proceed) => {
      keep(api, 1, header);
      return proceed();
    });
    await engine.update();
    const read = await engine.fetch();
    expect(read).toMatchObject({ snapshot: { version: '"v2"', values: { status: 'Done' } } });
  });
});

test('case U26: an age of 0 is no cache', async () => {
  const api = await startRecordApi();
  keep(api, 1, ['age', '0']);
  const { result } = await new Engine(api.url).update({ changes: { status: 'Open' } });
  expect(result).toMatchObject({ outcome: 'unchanged', reads: 1 });
});
