import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SeenRequest } from '../support/fault-proxy-rules';
import { CAP_DIALECTS, capBulk, capOrders, committedTo, type CapWish } from './cap-bulk';
import { CapPeer } from './cap-peer';

/** The driver for many records at a real SAP CAP service that takes few requests in a batch. */
const BATCH_LIMIT = 40;
let peer: CapPeer;

beforeAll(async () => {
  peer = await CapPeer.start({
    CDS_CONFIG: JSON.stringify({ odata: { batch_limit: BATCH_LIMIT } }),
  });
});
afterAll(async () => {
  await peer.close();
});

/** The service takes 20 characters. */
const TOO_LONG = { status: 'waits for the carrier to confirm' };

const isBatch = ({ url }: SeenRequest): boolean => url.includes('$batch');

function wish(ID: string, n: number): CapWish {
  return { ID, changes: { note: `update ${String(n)}` } };
}

function notes(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `update ${String(n)}`);
}

async function committedNotes(ids: readonly string[]): Promise<unknown[][]> {
  const commits = await committedTo(peer, ids);
  return ids.map(ID => (commits.get(ID) ?? []).map(({ after }) => after?.note));
}

describe.each(Object.entries(CAP_DIALECTS))('%s', (name, dialect) => {
  // The whole list in one dialect is enough.
  const count = name === 'V4, JSON' ? 900 : 90;

  it(`of ${String(count)} updates with one bad, ${String(count - 1)} are applied and one is reported`, async () => {
    const ids = await capOrders(peer, count);
    const bulk = await capBulk(peer, { dialect });
    const bad = 43;
    const wishes = ids.map(wish).with(bad, {
      ID: ids[bad] ?? '',
      changes: TOO_LONG,
    });
    const { outcomes, outputs, summary, notices } = await bulk.run(wishes);
    expect(summary).toMatchObject({ updated: count - 1, rejected: 1, records: count, retries: 0 });
    expect(outcomes[bad]).toBe('rejected');
    expect(outputs[bad]?.result.attempts).toMatchObject([{ status: 400 }]);
    expect(notices).toEqual([]);
    expect(await committedNotes(ids)).toEqual(
      notes(count).map((note, n) => (n === bad ? [] : [note])),
    );
    const others = outputs.filter((_, n) => n !== bad);
    expect(others.filter(({ result }) => result.attempts.length !== 1)).toEqual([]);
  });
  it('the service goes on after records that others have changed, and these alone go again', async () => {
    const ids = await capOrders(peer, 30);
    const changed = ids.filter((_, n) => n % 4 === 1);
    const bulk = await capBulk(peer, { dialect });
    bulk.beforeWrites(async n => {
      if (n === 0) await peer.changeMany('Orders', changed, { seenBy: 'job' });
    });
    const { outputs, summary } = await bulk.run(ids.map(wish));
    expect(summary).toMatchObject({ updated: 30, retries: changed.length });
    expect(bulk.batches()).toBe(2);
    const attempts = outputs.map(({ result }) => result.attempts.length);
    expect(attempts).toEqual(ids.map(ID => (changed.includes(ID) ? 2 : 1)));
    expect(await committedNotes(ids)).toEqual(notes(30).map(note => [note]));
  });

  it('a batch with more requests than the service takes goes again in smaller ones, uncounted', async () => {
    const ids = await capOrders(peer, 120);
    const bulk = await capBulk(peer, { dialect, options: { batchSize: 100, parallel: 1 } });
    const { outputs, summary, notices } = await bulk.run(ids.map(wish));
    expect(summary).toMatchObject({ updated: 120, retries: 0 });
    expect(outputs.filter(({ result }) => result.attempts.length !== 1)).toEqual([]);
    expect(notices).toEqual([]);
    // 100 and then 50 are too many, 25 are not.
    expect(bulk.batches()).toBeLessThanOrEqual(2 + Math.ceil(120 / 25));
    expect(await committedNotes(ids)).toEqual(notes(120).map(note => [note]));
  });

  it('records without a version are the affair of themselves only', async () => {
    const ids = await capOrders(peer, 30);
    await peer.blank('Orders', { ID: ids[4] ?? '' });
    const bulk = await capBulk(peer, { dialect });
    const { outcomes, notices } = await bulk.run(ids.map(wish));
    expect(outcomes).toEqual(ids.map((_, n) => (n === 4 ? 'unsupported' : 'updated')));
    expect(notices).toEqual([]);
    const reads = bulk.proxy.requests.filter(({ method }) => method === 'GET');
    // Two lists, and the one that they do not tell of.
    expect(reads).toHaveLength(3);
  });

  it('trap 20: a group with a member that cannot be is rolled back, and its last one named', async () => {
    const ids = await capOrders(peer, 20);
    const bulk = await capBulk(peer, { dialect, options: { atomic: true } });
    const bad = { ID: ids[19] ?? '', changes: TOO_LONG };
    const { outcomes, outputs } = await bulk.run(ids.map(wish).with(19, bad));
    expect(outcomes).toEqual(ids.map((_, n) => (n === 19 ? 'rejected' : 'rolled-back')));
    expect(outputs[0]?.result.error?.message).toContain(bad.ID);
    expect(outputs[0]?.result.attempts).toEqual([]);
    expect(await committedNotes(ids)).toEqual(ids.map(() => []));
  });

  it.each(['reset', 'truncated'] as const)(
    'trap 20: a group whose first answer meets "%s" is written once, or not at all and nobody is told that it was',
    async fault => {
      const ids = await capOrders(peer, 20);
      const rules = [{ fault, on: isBatch, times: 1 }];
      const bulk = await capBulk(peer, { dialect, rules, options: { atomic: true } });
      const { outcomes } = await bulk.run(ids.map(wish));
      const isWritten = fault !== 'reset';
      expect(outcomes).toEqual(ids.map(() => (isWritten ? 'already-applied' : 'updated')));
      expect(await committedNotes(ids)).toEqual(notes(20).map(note => [note]));

      const others = await capOrders(peer, 20);
      const again = await capBulk(peer, { dialect, rules, options: { atomic: true } });
      const bad = { ID: others[7] ?? '', changes: TOO_LONG };
      const ends = await again.run(others.map(wish).with(7, bad));
      // What was lost may have been a success: the refusal of the same bytes does not tell.
      expect(new Set(ends.outcomes)).toEqual(new Set(['uncertain']));
      expect(await committedNotes(others)).toEqual(others.map(() => []));
    },
  );

  it('a group with a record that is not there is never sent', async () => {
    const ids = await capOrders(peer, 5);
    const bulk = await capBulk(peer, { dialect, options: { atomic: true } });
    const { outcomes } = await bulk.run([...ids, randomUUID()].map(wish));
    expect(outcomes).toEqual([...ids.map(() => 'never-ran'), 'not-found']);
    expect(bulk.batches()).toBe(0);
  });
});
