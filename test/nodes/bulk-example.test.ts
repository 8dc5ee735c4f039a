import { expect, it } from 'vitest';
import { ExampleFlow, type DebugLine } from '../support/flow-example';
import { useNodeRed } from '../support/flow-runtime';
import { useFastClock } from '../support/use-fast-clock';

useNodeRed();
useFastClock(10);

const SYNC = 'territories/03 - Sync 500 assignments';
const ORDERS = 'orders/07 - Update many orders in one batch';
const FAILED = [
  "T021 rejected: HTTP 400: Field 'region' takes one of EMEA, AMER, APJ.",
  'T999 not-found: HTTP 404: Assignment not found',
];

const textsOf = (lines: readonly DebugLine[], wanted: string): string[] =>
  lines
    .filter(({ name }) => name === wanted)
    .map(({ text }) => text)
    .sort();

/** The lines of one run, its summary last. */
async function runOf(example: ExampleFlow, first: number): Promise<readonly DebugLine[]> {
  const { lines } = example;
  const end = await example.flow.until(() => {
    const at = lines.findIndex(({ name }, index) => index >= first && name === 'summary');
    return at === -1 ? undefined : at + 1;
  }, 'the summary');
  return lines.slice(first, end);
}

it('syncs 500 assignments, each with its own outcome, and writes nothing when asked again', async () => {
  const example = await ExampleFlow.start(SYNC);
  const updated = (): (readonly [number, boolean])[] =>
    example.flow
      .completionsOf(example.idOf('debug', 'updated'))
      .map(({ msg: { update } }) => [update?.attempts.length ?? 0, update?.outcome === 'updated']);

  const run = await runOf(example, 0);
  expect(textsOf(run, 'failed')).toEqual(FAILED);
  const review = textsOf(run, 'for review');
  expect(review[0]).toBe('T018 conflict in salesRepId: base EMP-106, ours EMP-111, theirs EMP-108');
  expect(review.filter(text => !/^T\d{3} conflict in /.test(text))).toEqual([]);
  const count = 500 - review.length - FAILED.length;
  const [summary = ''] = textsOf(run, 'summary');
  const ends = `${String(count)} updated, ${String(review.length)} conflict, 1 rejected, 1 not-found`;
  expect(summary).toMatch(/^500 records, \d+ calls, [\d.]+ s: /);
  expect(summary.split(': ')[1]).toBe(ends);
  expect(Number(/(\d+) calls/.exec(summary)?.[1])).toBeLessThan(50);

  const first = updated();
  expect(first).toHaveLength(count);
  expect(first.every(([, isUpdated]) => isUpdated)).toBe(true);
  // Somebody had changed another field of these.
  expect(first.filter(([writes]) => writes > 1).length).toBeGreaterThan(20);
  const shares = example.flow.completionsOf(example.idOf('debug', 'progress'));
  expect(shares.length).toBeGreaterThan(5);

  example.press('sync the file');
  const [again = ''] = textsOf(await runOf(example, run.length), 'summary');
  expect(again).toContain(`${String(count)} unchanged`);
});

it('takes a dozen calls where nobody else is at work', async () => {
  const example = await ExampleFlow.start(SYNC, node =>
    node.type === 'record-endpoint' ? { ...node, practiceLoad: 'quiet' } : node,
  );
  const [summary = ''] = textsOf(await runOf(example, 0), 'summary');
  expect(summary).toContain(': 497 updated, 1 conflict, 1 rejected, 1 not-found');
  expect(Number(/(\d+) calls/.exec(summary)?.[1])).toBeLessThanOrEqual(12);
});

it('ships orders that came one by one with one batch, in spite of one that cannot be', async () => {
  const example = await ExampleFlow.start(ORDERS);
  await example.line(10);
  expect(textsOf(example.lines, 'not updated')).toEqual([
    'SO-2025-0150 conflict in orderstatus: base New, ours Shipped, theirs Cancelled',
  ]);
  const others = [141, 142, 143, 144, 145, 146, 147, 148, 149].map(
    n => `SO-2025-0${String(n)} updated${n === 145 ? ' after 2 writes' : ''}`,
  );
  expect(textsOf(example.lines, 'updated')).toEqual(others);
});

it('ships the orders of a delivery together, or none of them', async () => {
  const example = await ExampleFlow.start(ORDERS);
  await example.line(10);
  example.press('delivery with SO-2025-0150');
  await example.line(15);
  const undone = [151, 152, 153, 154].map(
    n => `SO-2025-0${String(n)} rolled-back because of another order`,
  );
  expect(textsOf(example.lines, 'none of them')).toEqual([
    'SO-2025-0150 conflict in orderstatus: base Cancelled, ours Shipped, theirs Processing',
    ...undone,
  ]);

  example.press('delivery without it');
  await example.line(20);
  expect(textsOf(example.lines, 'shipped together')).toEqual(
    [155, 156, 157, 158, 159].map(n => `SO-2025-0${String(n)} updated`),
  );
});
