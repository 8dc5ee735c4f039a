import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Snapshot } from '../../lib/record/snapshot';
import type { SeenRequest } from '../support/fault-proxy-rules';
import { CAP_DIALECTS, capBulk, capOrders, committedTo, snapshotsOf } from './cap-bulk';
import type { ChildList } from './cap-bulk-child';
import { useCapPeer } from './cap-peer';

/** Repeated messages (docs/safety.md), where the message is a list that was killed in the middle. */
const RECORDS = 120;
/** The service does the work of this batch, and the answer is lost; then the process is killed. */
const UNANSWERED = 3;

const peer = useCapPeer();
const dir = mkdtempSync(path.join(tmpdir(), 'bulk-child-'));
const program = path.join(dir, 'child.mjs');

beforeAll(() => {
  buildSync({
    entryPoints: [fileURLToPath(new URL('cap-bulk-child.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

/** `kill -9` in the middle of the list; the places of the records whose end it had told. */
async function killInTheMiddle(list: ChildList, isTime: () => boolean): Promise<Set<number>> {
  const child = fork(program, [JSON.stringify(list)], { execArgv: [] });
  const told = new Set<number>();
  child.on('message', message => told.add((message as { index: number }).index));
  const gone = once(child, 'exit');
  while (!isTime() && child.exitCode === null) {
    await new Promise(resolve => setTimeout(resolve, 1));
  }
  child.kill('SIGKILL');
  expect(await gone).toEqual([null, 'SIGKILL']);
  return told;
}

function fromBatch(nth: number): (request: SeenRequest) => boolean {
  let batches = 0;
  return ({ url }) => url.includes('$batch') && ++batches >= nth;
}

it.each([
  ['with snapshots, nobody else writing', true, false],
  ['without snapshots, nobody else writing', false, false],
  ['with snapshots, others writing meanwhile', true, true],
  ['without snapshots, others writing meanwhile', false, true],
])('a list killed in the middle and sent again, %s', async (_name, isSeen, isMet) => {
  const ids = await capOrders(peer(), RECORDS);
  const bulk = await capBulk(peer(), {
    dialect: CAP_DIALECTS['V4, JSON'],
    rules: [
      { fault: 'lost-response', on: fromBatch(UNANSWERED), times: 1 },
      // However late the kill comes, the list is not through.
      { fault: 'reset', on: fromBatch(UNANSWERED + 1) },
    ],
  });
  const seen: readonly (Snapshot | undefined)[] = isSeen ? await snapshotsOf(bulk, ids) : [];
  const items = ids.map((ID, n) => {
    const snapshot = seen[n];
    return { ID, note: `update ${String(n)}`, ...(snapshot && { seen: snapshot }) };
  });
  const told = await killInTheMiddle(
    { baseUrl: bulk.baseUrl, items },
    () => bulk.proxy.count('lost-response') > 0,
  );
  bulk.proxy.use([]);
  await peer().quiet();
  const first = await committedTo(peer(), ids);
  const written = ids.filter(ID => first.get(ID)?.length === 1);
  // Killed in the middle: some are written, of these not all were told, and some are not.
  expect(written.length).toBeGreaterThan(told.size);
  expect(written.length).toBeLessThan(RECORDS);
  const met = isMet ? written.filter((_, n) => n % 3 === 0) : [];
  await peer().changeMany('Orders', met, { note: 'by somebody else' });

  const wishes = items.map(({ ID, note, seen: snapshot }) => ({
    ID,
    changes: { note },
    part: { snapshot },
  }));
  const { outcomes } = await bulk.run(wishes);

  const wanted = ids.map(ID => {
    if (met.includes(ID)) return isSeen ? 'conflict' : 'updated';
    if (!written.includes(ID)) return 'updated';
    return 'done before';
  });
  const found = outcomes.map(outcome =>
    outcome === 'unchanged' || outcome === 'already-applied' ? 'done before' : outcome,
  );
  expect(found).toEqual(wanted);
  const commits = await committedTo(peer(), ids);
  const times = ids.map(ID => commits.get(ID)?.length);
  // Only what docs/safety.md says of repeated messages: over others, and without a snapshot.
  expect(times).toEqual(ids.map(ID => (met.includes(ID) && !isSeen ? 2 : 1)));
});
