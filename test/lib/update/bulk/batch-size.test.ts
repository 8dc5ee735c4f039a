// How large the next batch is, by what the API answered to the one before.
import { describe, expect, test } from 'vitest';
import { BatchSize } from '../../../../lib/update/bulk/batch-size';
import { BulkEngine } from '../../../support/bulk-engine';
import { BulkRecords, type BulkStep } from '../../../support/bulk-records';

/** Sizes of the batches of a run of 60 whose first batch is answered so. */
async function sizesAfter(step: BulkStep, requestTimeoutMs = 5_000): Promise<number[]> {
  const api = await new BulkRecords().start(60);
  const engine = new BulkEngine(api.url, {
    options: { batchSize: 40, parallel: 1 },
    policy: { requestTimeoutMs },
  });
  api.batches.push(step);
  const { summary } = await engine.run(engine.members(60));
  expect(summary.updated + summary['already-applied']).toBe(60);
  return api.requests
    .filter(({ url }) => url === '/orders/bulk')
    .map(({ body }) => (JSON.parse(body) as { items: unknown[] }).items.length);
}

describe('the next batch is half as large', () => {
  test.each([429, 503, 504])('after %i for the whole', async status => {
    const [first, ...others] = await sizesAfter(() => ({ status, body: {} }));
    expect(first).toBe(40);
    expect(Math.max(...others)).toBeLessThanOrEqual(30);
    expect(others[0]).toBe(20);
  });

  test('after a time-out', async () => {
    const [first, ...others] = await sizesAfter(() => new Promise(() => undefined), 200);
    expect(first).toBe(40);
    expect(Math.max(...others)).toBeLessThanOrEqual(30);
  });

  test('after the answer was larger than it may be', async () => {
    const much = { status: 200, body: { much: 'x'.repeat(200_000) } };
    const [first, ...others] = await sizesAfter(() => much);
    expect(first).toBe(40);
    expect(Math.max(...others)).toBeLessThanOrEqual(30);
  });

  test('where the API says that it has too many requests, which is no throttling: nothing waits', async () => {
    const api = await new BulkRecords().start(60);
    const engine = new BulkEngine(api.url, { options: { batchSize: 60, parallel: 1 } });
    const body = { error: { code: 'BATCH_TOO_MANY_REQ', message: 'Too many' } };
    api.batches.push(() => ({ status: 429, body }));
    const { summary } = await engine.run(engine.members(60));
    expect(summary).toMatchObject({ updated: 60, retries: 0 });
    expect(engine.clock.waits).toEqual([]);
  });
});

test('grows while batches go well, keeps its size at some conflicts, and halves when most met one', () => {
  const size = new BatchSize(50, 65);
  size.answered(50, 10);
  expect(size.size).toBe(60);
  size.answered(60, 0);
  expect(size.size).toBe(65);
  size.answered(60, 15);
  expect(size.size).toBe(65);
  size.answered(60, 19);
  expect(size.size).toBe(65);
  size.answered(60, 31);
  expect(size.size).toBe(32);
});

/** The most batches that were under way at a time, where the first list answers with these headers. */
async function mostAtATime(headers: Record<string, string>): Promise<number> {
  const api = await new BulkRecords().start(120);
  const engine = new BulkEngine(api.url, { options: { batchSize: 10 } });
  api.lists.push((_request, proceed) => ({ ...proceed(), headers }));
  let [underWay, most] = [0, 0];
  for (let n = 0; n < 20; n++) {
    api.batches.push(async (_request, proceed) => {
      most = Math.max(most, ++underWay);
      // So that the others arrive: as many as are sent at once.
      for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve));
      underWay -= 1;
      return proceed();
    });
  }
  const { summary } = await engine.run(engine.members(120));
  expect(summary.updated).toBe(120);
  return most;
}

test('no more batches are under way than the API recommends', async () => {
  expect(await mostAtATime({})).toBeGreaterThan(1);
  expect(await mostAtATime({ 'x-ms-dop-hint': '1' })).toBe(1);
});

describe('the size of the next batch', () => {
  test.each([
    ['few conflicts', 50, 10, 60],
    ['some, as where background jobs are at work', 50, 18, 50],
    ['more than got through', 50, 26, 25],
    ['what was left of other batches, whatever it met', 3, 3, 50],
  ])('after %s', (_name, members, conflicts, next) => {
    const batches = new BatchSize(50, 100);
    batches.answered(members, conflicts);
    expect(batches.size).toBe(next);
  });

  test('never more than the API takes, never less than one', () => {
    const batches = new BatchSize(500, 100);
    expect(batches.size).toBe(100);
    batches.answered(100, 0);
    expect(batches.size).toBe(100);
    for (let n = 0; n < 20; n += 1) batches.halve();
    expect(batches.size).toBe(1);
  });

  test('grows again from one, once that goes well', () => {
    const batches = new BatchSize(1, 100);
    batches.answered(1, 1);
    expect(batches.size).toBe(1);
    batches.answered(1, 0);
    expect(batches.size).toBe(11);
  });
});
