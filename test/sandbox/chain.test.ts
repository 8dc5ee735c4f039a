import { expect, it } from 'vitest';
import { orderId } from '../../sandbox';
import type { Sandbox } from '../../sandbox';
import { call, order, start } from './client';

const WORKERS = 16;
const MARKS_EACH = 5;
const RECORDS = [orderId(1), orderId(2), orderId(3)];

/** Writes the mark with the version just read, again and again until a write is acknowledged. */
async function writeUntilAcknowledged(sandbox: Sandbox, id: string, mark: string): Promise<void> {
  for (;;) {
    try {
      const read = await call(sandbox, 'GET', order(id, '?$select=description'));
      const ifMatch = { 'if-match': String(read.json['@odata.etag']) };
      const write = await call(sandbox, 'PATCH', order(id), ifMatch, { description: mark });
      if (write.status === 204) return;
    } catch {
      // A reset before processing: nothing was applied.
    }
  }
}

it('puts every acknowledged conditional write on the chain exactly once, each on top of the one before', async () => {
  const sandbox = await start({
    load: 'peak',
    faults: [
      { fault: 'latency', ms: 1, jitterMs: 3 },
      { fault: 'reset', rate: 0.05 },
      { fault: 'throttled', rate: 0.05 },
      { fault: 'unavailable', rate: 0.05 },
    ],
  });
  const worker = async (_: unknown, number: number): Promise<void> => {
    for (let i = 0; i < MARKS_EACH; i += 1) {
      const id = RECORDS[(number + i) % RECORDS.length] ?? '';
      await writeUntilAcknowledged(sandbox, id, `${String(number)}/${String(i)}`);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));

  const changes = RECORDS.map(id => sandbox.orders.history(id));
  const acknowledged = changes.flat().filter(change => change.by === 'api');
  const marks = acknowledged.map(change => change.fields.description?.after);
  expect(marks).toHaveLength(WORKERS * MARKS_EACH);
  expect(new Set(marks).size).toBe(marks.length);
  expect(sandbox.stats().faults).toHaveProperty('reset');
  for (const chain of changes) {
    let description: unknown = null;
    for (const { fields } of chain.slice(1)) {
      const step = fields.description;
      if (step === undefined) continue;
      expect(step.before).toBe(description);
      description = step.after;
    }
    expect(new Set(chain.map(change => change.version)).size).toBe(chain.length);
  }
});
