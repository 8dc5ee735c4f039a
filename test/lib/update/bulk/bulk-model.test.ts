import { expect, test } from 'vitest';
import type { Outcome } from '../../../../lib/outcome/outcome';
import type { Fields } from '../../../../lib/record/fields';
import { BulkEngine } from '../../../support/bulk-engine';
import { BulkRecords, idOf, type BulkStep } from '../../../support/bulk-records';
import { seededRandom } from '../../../support/seeded-random';

/** A group meets noise at every attempt, the sooner the larger it is. */
const RECORDS = { each: 60, group: 8 } as const;
const RUNS = 60;

/** Outcomes after which our write is in the record exactly once, at most once, or not at all. */
const ONCE: readonly Outcome[] = ['updated', 'already-applied'];
/** Of a record that is gone, nothing is left to be right or wrong. */
const MAYBE: readonly Outcome[] = ['uncertain', 'not-found'];

/** What goes wrong with one answer to a batch. */
function disturbance(random: () => number, api: BulkRecords): BulkStep {
  const kinds: readonly BulkStep[] = [
    // It is still on its way when its answer is given up, and lands after what comes next has been answered.
    (_request, proceed) => {
      api.late.push(proceed);
      return 'reset';
    },
    (_request, proceed) => {
      proceed();
      return { status: 500, body: { error: 'after the work was done' } };
    },
    () => ({ status: 503, headers: { 'Retry-After': new Date(2026, 1, 8, 11).toUTCString() } }),
    () => ({ status: 429, headers: { 'Retry-After': '86400' }, body: {} }),
    () => ({ status: 302, headers: { Location: '/login' } }),
    () => ({ status: 401, body: {} }),
    (_request, proceed) => {
      const reply = proceed();
      const { results } = reply.body as { results?: Fields[] };
      if (results === undefined) return reply;
      const foreign = { id: 'R9999', status: 200, etag: '"v9"' };
      return { ...reply, body: { results: [foreign, ...results].reverse() } };
    },
    // Throttled member by member.
    (request, proceed) => {
      const { items, atomic } = JSON.parse(request.body) as { items: Fields[]; atomic: boolean };
      if (atomic) return proceed();
      return { status: 200, body: { results: items.map(({ id }) => ({ id, status: 429 })) } };
    },
    () => 'reset',
    (_request, proceed) => {
      proceed();
      return 'reset';
    },
    () => ({ status: 429, headers: { 'Retry-After': '1' }, body: {} }),
    () => ({ status: 413, body: 'too large' }),
    () => ({ status: 409, body: { error: 'ETag mismatch - resource modified' } }),
    () => ({ status: 400, body: { error: 'bad batch' } }),
    (_request, proceed) => {
      proceed();
      return { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad Gateway' };
    },
    (_request, proceed) => {
      const reply = proceed();
      const { results } = reply.body as { results?: unknown[] };
      if (results === undefined) return reply;
      return { ...reply, body: { results: results.filter(() => random() < 0.7) } };
    },
    (_request, proceed) => proceed(),
  ];
  const kind = kinds[Math.floor(random() * kinds.length)];
  if (kind === undefined) throw new Error('no kind');
  return kind;
}

async function story(seed: number, atomic: boolean) {
  const random = seededRandom(seed);
  const count = atomic ? RECORDS.group : RECORDS.each;
  const api = await new BulkRecords().start(count);
  api.beforeWrite = id => {
    const draw = random();
    if (!api.rows.has(id)) return;
    if (draw < 0.12) api.change(id, { note: `n${String(random())}` });
    else if (draw < 0.14) api.change(id, { status: 'by others' });
    else if (draw < 0.15) api.rows.delete(id);
  };
  for (let n = 0; n < (atomic ? 3 : 12); n++) api.batches.push(disturbance(random, api));
  const batchSize = 1 + Math.floor(random() * 40);
  const engine = new BulkEngine(api.url, { seed, options: { atomic, batchSize } });
  const { outcomes, summary } = await engine.run(engine.members(count));
  return { api, count, outcomes, summary };
}

function problems(api: BulkRecords, outcomes: readonly string[]): string[] {
  return outcomes.flatMap((outcome, n) => {
    const ours = api.history.filter(({ id, by }) => by === 'us' && id === idOf(n)).length;
    const most = [...ONCE, ...MAYBE].includes(outcome as Outcome) ? 1 : 0;
    const least = ONCE.includes(outcome as Outcome) ? 1 : 0;
    const isRight = ours >= least && ours <= most;
    return isRight ? [] : [`${idOf(n)} ended as ${outcome} and was written ${String(ours)} times`];
  });
}

test.each([
  ['each on its own', false],
  ['all or nothing', true],
])('whatever happens, nothing is lost, doubled or misreported: %s', async (_name, atomic) => {
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= RUNS; seed++) {
    const { api, count, outcomes, summary } = await story(seed, atomic);
    expect(problems(api, outcomes), `seed ${String(seed)}`).toEqual([]);
    expect(summary.records).toBe(count);
    for (const outcome of outcomes) seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  }
  // The stories are no help if they all end the same way.
  for (const outcome of [
    'updated',
    'already-applied',
    'conflict',
    atomic ? 'rolled-back' : 'not-found',
  ]) {
    expect([...seen.keys()]).toContain(outcome);
  }
});
