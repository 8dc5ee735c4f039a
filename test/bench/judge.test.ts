import { describe, expect, test } from 'vitest';
import { judgeSoak } from '../../bench/soak/judge';
import type { SoakReport } from '../../bench/soak/soak';
import type { Change } from '../../sandbox/index';

const job = {
  key: 'order',
  changes: { description: 'update 0', shippingmethodcode: 1 },
} as const;

function change(by: Change['by'], name: string, before: unknown, after: unknown): Change {
  return { version: '', at: '', by, action: 'update', fields: { [name]: { before, after } } };
}

const written = change('api', 'description', null, 'update 0');
const operated = change('operator', 'shippingmethodcode', 2, 3);
const conflict = { fields: [{ name: 'shippingmethodcode', base: 2, ours: 1, theirs: 3 }] };

const judge = (report: Omit<SoakReport, 'job'>, ...history: Change[]) =>
  judgeSoak([{ job, ...report }], () => history);

describe('the judgement of a soak', () => {
  test('finds nothing in an update that was reported as it happened', async () => {
    expect(await judge({ outcome: 'updated' }, written)).toMatchObject({
      lost: 0,
      duplicated: 0,
      misreported: 0,
      unreported: 0,
      invented: 0,
      successWithoutOperator: 1,
    });
  });

  test('counts a reported write that is not in the history as lost', async () => {
    expect(await judge({ outcome: 'updated' })).toMatchObject({ lost: 1 });
  });

  test('counts a write that is in the history twice', async () => {
    expect(await judge({ outcome: 'updated' }, written, written)).toMatchObject({ duplicated: 1 });
  });

  test('counts a write whose sender was told that there was none', async () => {
    expect(await judge({ outcome: 'unavailable' }, written)).toMatchObject({ misreported: 1 });
    expect(await judge({ outcome: 'uncertain' }, written)).toMatchObject({ misreported: 0 });
  });

  test('takes an update that met an operator and said so out of the success rate', async () => {
    const met = await judge({ outcome: 'conflict', conflict }, operated);
    expect(met).toMatchObject({ operatorChanges: 1, unreported: 0, invented: 0 });
  });

  test("counts an operator's change that was overwritten unseen", async () => {
    expect(await judge({ outcome: 'updated' }, operated, written)).toMatchObject({ unreported: 1 });
  });

  test('wants the diff to show exactly what happened', async () => {
    const other = { fields: [{ name: 'shippingmethodcode', base: 2, ours: 1, theirs: 4 }] };
    const wrong = await judge({ outcome: 'conflict', conflict: other }, operated);
    expect(wrong).toMatchObject({ unreported: 1, invented: 1, successWithoutOperator: 0 });
  });
});
