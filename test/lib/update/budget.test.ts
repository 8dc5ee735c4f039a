import { describe, expect, test } from 'vitest';
import { createRetryBudget, type RetryBudget } from '../../../lib/retry/budget';
import { Engine } from '../../support/engine';
import { lost, preceded, startRecordApi } from '../../support/engine-record';

function empty(): RetryBudget {
  return createRetryBudget({ capacity: 0, earned: 0 });
}

function of(capacity: number): RetryBudget {
  return createRetryBudget({ capacity, earned: 0 });
}

describe('without a token left', () => {
  test.each([
    [423, 'unavailable'],
    [429, 'exhausted'],
    [500, 'unavailable'],
  ])('a write answered with %i is not tried again: %s', async (status, outcome) => {
    const api = await startRecordApi();
    api.everyWrite = { status, body: { code: 'X1' } };
    const engine = new Engine(api.url, { context: { budget: empty() } });
    const { result } = await engine.update();
    expect(result).toMatchObject({ outcome, error: { code: 'RETRY_BUDGET' } });
    expect(result.error?.message).toContain('too many retries at this endpoint at present');
    expect(result.error?.message).toContain(`HTTP ${String(status)}`);
    expect(api.written).toHaveLength(1);
    expect(engine.time.waits).toEqual([]);
  });

  test('a lost answer is still looked at', async () => {
    const api = await startRecordApi();
    api.writes.push(lost);
    const { result } = await new Engine(api.url, { context: { budget: empty() } }).update();
    expect(result.outcome).toBe('already-applied');
  });

  test('a write that may still land is uncertain', async () => {
    const api = await startRecordApi();
    api.everyWrite = { status: 504 };
    const { result } = await new Engine(api.url, { context: { budget: empty() } }).update();
    expect(result).toMatchObject({
      outcome: 'uncertain',
      verified: false,
      error: { code: 'RETRY_BUDGET' },
    });
    expect(api.written).toHaveLength(1);
    expect(api.methods.slice(0, 3)).toEqual(['GET', 'PATCH', 'GET']);
  });

  test('a throttled read is not tried again, and names the time of the API', async () => {
    const api = await startRecordApi();
    api.reads.push({ status: 429, headers: { 'retry-after': '2' } });
    const engine = new Engine(api.url, { context: { budget: empty() } });
    const { result } = await engine.update();
    expect(result).toMatchObject({
      outcome: 'exhausted',
      error: { code: 'RETRY_BUDGET' },
      notBefore: new Date(engine.time.now() + 2_000).toISOString(),
    });
    expect(api.requests).toHaveLength(1);
  });
});

test('noise takes no token', async () => {
  const api = await startRecordApi();
  const noisy = preceded(() => {
    api.noise();
  });
  api.writes.push(noisy, noisy, noisy);
  const { result } = await new Engine(api.url, { context: { budget: empty() } }).update();
  expect(result).toMatchObject({ outcome: 'updated', retries: 3 });
});

test('a retry takes one token', async () => {
  const api = await startRecordApi();
  api.everyWrite = { status: 423 };
  const { result } = await new Engine(api.url, { context: { budget: of(2) } }).update();
  expect(result).toMatchObject({ retries: 2, error: { code: 'RETRY_BUDGET' } });
});

test('a retry for which there is no time takes none', async () => {
  const api = await startRecordApi();
  api.everyWrite = { status: 429, headers: { 'retry-after': '600' } };
  const budget = of(1);
  const { result } = await new Engine(api.url, { context: { budget } }).update();
  expect(result.error?.code).not.toBe('RETRY_BUDGET');
  expect(budget.take()).toBe(true);
});

test('updates of one endpoint share the tokens', async () => {
  const api = await startRecordApi();
  api.everyWrite = { status: 423 };
  const engine = new Engine(api.url, { context: { budget: of(3) } });
  const all = await Promise.all([engine.update(), engine.update(), engine.update()]);
  expect(all.reduce((sum, { result }) => sum + result.retries, 0)).toBe(3);
});
