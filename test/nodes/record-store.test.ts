import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import helper from 'node-red-node-test-helper';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createInProcessSeenEvents,
  type InProcessSeenEvents,
} from '../../lib/coordination/in-process-seen-events';
import { makeTempDir } from '../../scripts/lib/temp.mjs';
import { systemTime } from '../../lib/retry/time';
import type { RecordStoreConfig } from '../../nodes/record-store/config';
import {
  fileInUse,
  journalFile,
  lettersFile,
  queueFile,
} from '../../nodes/record-store/file-names';
import type { RecordStoreFace } from '../../nodes/record-store/lookup';
import { catcher, dedupeNode, inboxes, storeNode, type FlowNode } from '../support/flow-nodes';
import { Flow, useNodeRed, useUserDir, WARN, type Msg } from '../support/flow-runtime';
import { keptBeside, storeFile } from '../lib/coordination/journal/store-files';
import { useFastClock } from '../support/use-fast-clock';

useNodeRed();
const clock = useFastClock(4);

/** A user directory of its own for one test. */
function userDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'record-store-test-'));
  useUserDir(dir);
  onTestFinished(() => {
    useUserDir(undefined);
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}

function nodes(store: Partial<RecordStoreConfig> = {}, name = ''): FlowNode[] {
  return [
    storeNode(store),
    dedupeNode('check', [['first'], ['duplicate']], { name }),
    dedupeNode('confirm', [['done']], { action: 'confirm', name }),
    ...inboxes('first', 'duplicate', 'done'),
    ...catcher(),
  ];
}

const event = (id: string): Msg => ({ event: { id } });

async function confirm(flow: Flow, id: string): Promise<void> {
  const { at, msg } = await flow.pass('check', event(id));
  expect(at).toBe('first');
  expect((await flow.pass('confirm', msg)).msg.event).toMatchObject({ confirmed: true });
}

/** Whether the event is let through, and whether an earlier one is still under way. */
async function seen(flow: Flow, id: string): Promise<'first' | 'pending' | 'confirmed'> {
  const { at, msg } = await flow.pass('check', event(id));
  if (at === 'first') return 'first';
  return (msg.event as { pending: boolean }).pending ? 'pending' : 'confirmed';
}

/** The warnings of the store. */
function told(flow: Flow): string[] {
  const lines = flow.logs.filter(({ id, level }) => id === 'store' && level === WARN);
  return lines.map(({ msg }) => String(msg));
}

/** Every file below a folder with what it holds. */
function filesIn(dir: string): Map<string, Buffer> {
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' });
  const paths = names.map(name => join(dir, name)).filter(path => statSync(path).isFile());
  return new Map(paths.map(path => [path, readFileSync(path)]));
}

describe('a store that keeps a file', () => {
  it('a restart keeps what was confirmed and frees what was not', async () => {
    userDir();
    const flow = await Flow.start(nodes());
    await confirm(flow, 'E-1');
    expect(await seen(flow, 'E-2')).toBe('first');
    await flow.end();

    const after = await Flow.start(nodes());
    expect(await seen(after, 'E-1')).toBe('confirmed');
    expect(await seen(after, 'E-2')).toBe('first');
    expect(told(after)).toEqual([]);
  });

  it('a deploy of everything keeps what was confirmed', async () => {
    userDir();
    const flow = await Flow.start(nodes());
    await confirm(flow, 'E-1');
    await flow.redeploy(nodes());
    expect(await seen(flow, 'E-1')).toBe('confirmed');
    expect(told(flow)).toEqual([]);
  });

  it('lies in the user directory under the id of the node', async () => {
    const dir = userDir();
    const flow = await Flow.start(nodes({ name: 'machine events' }));
    await confirm(flow, 'E-1');
    const file = journalFile(dir, 'store');
    expect([...filesIn(dir).keys()].sort()).toEqual([`${file}.1`, `${file}.1.lock`]);
  });

  it('a file whose end is missing: starts, keeps the rest aside and says so', async () => {
    const dir = userDir();
    const file = journalFile(dir, 'store');
    const flow = await Flow.start(nodes());
    for (const id of ['E-1', 'E-2']) await confirm(flow, id);
    await flow.end();
    const current = storeFile(file);
    truncateSync(current, statSync(current).size - 5);
    const before = readFileSync(current);

    const after = await Flow.start(nodes());
    const status = await after.shows('check', 'event-dedupe.status.degraded');
    expect([status.fill, status.shape]).toEqual(['yellow', 'ring']);
    expect(await seen(after, 'E-1')).toBe('confirmed');
    expect(await seen(after, 'E-2')).toBe('first');
    // Whatever was cut off is in a file of its own.
    const kept = Buffer.concat(keptBeside(file).map(path => readFileSync(path)));
    expect(kept.length).toBeGreaterThan(0);
    expect(before.includes(kept)).toBe(true);
    expect(told(after)).toEqual([expect.stringContaining(dirname(file))]);
  });

  it('a file that is not ours: starts, keeps it aside as it was and says so', async () => {
    const dir = userDir();
    const file = journalFile(dir, 'store');
    const foreign = 'Minutes of the shift meeting\n\u00e4\u00f6\u00fc\n';
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, foreign);

    const flow = await Flow.start(nodes());
    await flow.shows('check', 'event-dedupe.status.degraded');
    await confirm(flow, 'E-1');
    expect(await seen(flow, 'E-1')).toBe('confirmed');
    const [aside = ''] = keptBeside(file);
    expect(readFileSync(aside, 'utf8')).toBe(foreign);
    expect(told(flow)).toEqual([expect.stringContaining(aside)]);
    expect(flow.statuses.map(({ status }) => status.fill)).not.toContain('green');
    await flow.end();

    const after = await Flow.start(nodes());
    expect(await seen(after, 'E-1')).toBe('confirmed');
    expect(told(after)).toEqual([]);
  });

  it('a folder that cannot be written: works in memory and says so with every event', async () => {
    const dir = userDir();
    // A file where the folder should be: no permission has to be taken away, which root would not feel.
    writeFileSync(join(dir, 'record-updates'), '');
    const flow = await Flow.start(nodes());
    await flow.shows('check', 'event-dedupe.status.degraded');
    const { msg } = await flow.pass('check', event('E-1'));
    const done = await flow.pass('confirm', msg);
    expect(done.msg.event).toMatchObject({ confirmed: true, saved: false });
    await flow.shows('confirm', 'event-dedupe.status.not-saved');
    expect(await seen(flow, 'E-1')).toBe('confirmed');
    expect(told(flow)).toHaveLength(1);
  });
});

describe('case U44: a store whose file another process holds', () => {
  /** In this process, but not this Node-RED: it is only known by its number. */
  async function heldBy(dir: string): Promise<InProcessSeenEvents> {
    const journal = journalFile(dir, 'store');
    const onTrouble = (): undefined => undefined;
    return createInProcessSeenEvents({ time: systemTime, limit: 10, journal, onTrouble });
  }

  it.runIf(process.platform === 'linux')(
    'lets nothing through, says who holds it, and goes on by itself with what that one left',
    async () => {
      const dir = userDir();
      const other = await heldBy(dir);
      const flow = await Flow.start(nodes());
      const status = await flow.shows('check', 'event-dedupe.status.in-use');
      expect([status.fill, status.shape]).toEqual(['red', 'ring']);
      for (const id of ['E-1', 'E-2']) {
        const { at, msg } = await flow.pass('check', event(id));
        expect([at, msg.error?.code]).toEqual(['caught', 'STORE_IN_USE']);
        expect(msg.error?.message).toContain(`process ${process.pid} on`);
      }
      expect(told(flow)).toEqual([expect.stringContaining(journalFile(dir, 'store'))]);

      const checked = await other.check({ id: 'E-1', windowMs: 3_600_000, claimMs: 1000 });
      if (checked.first) await other.confirm(checked.claim);
      const { troubles } = helper.getNode('store') as unknown as RecordStoreFace;
      const isOver = new Promise<void>(resolve => troubles.onChange(resolve));
      await other.close();
      await isOver;
      expect(troubles.current).toBeUndefined();
      expect(await seen(flow, 'E-1')).toBe('confirmed');
      await confirm(flow, 'E-2');
      expect(told(flow)).toHaveLength(1);
    },
  );

  it('is stopped at once while it waits for an answer', async () => {
    const dir = userDir();
    const file = journalFile(dir, 'store');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.1.lock`, '{"pid":1,"host":"elsewhere","since":"2026-11-29T00:00:00Z"}');
    const flow = await Flow.start(nodes());
    await flow.shows('check', 'event-dedupe.status.in-use');
    expect(told(flow)).toEqual([expect.stringContaining('elsewhere')]);
    flow.send('check', event('E-1'));
    await flow.end();
    expect([...filesIn(dir).keys()]).toEqual([`${file}.1.lock`]);
  });
});

describe('a store without a file', () => {
  it('writes nothing and says nothing', async () => {
    const dir = userDir();
    const flow = await Flow.start(nodes({ keep: 'memory' }));
    await confirm(flow, 'E-1');
    expect(await seen(flow, 'E-1')).toBe('confirmed');
    expect(filesIn(dir).size).toBe(0);
    expect(told(flow)).toEqual([]);
    await flow.shows('confirm', 'event-dedupe.status.confirmed');
  });

  it('that should have one, where Node-RED has no user directory: works and says so', async () => {
    const flow = await Flow.start(nodes());
    await flow.shows('check', 'event-dedupe.status.degraded');
    await confirm(flow, 'E-1');
    expect(await seen(flow, 'E-1')).toBe('confirmed');
    expect(told(flow)).toEqual([expect.stringContaining('userDir')]);
  });
});

it('without a user directory that is said again when another trouble is over', async () => {
  const short = { window: '120', windowUnit: 'seconds' } as const;
  const flow = await Flow.start([
    storeNode({ limit: 1 }),
    dedupeNode('check', [['first'], ['duplicate']], short),
    dedupeNode('confirm', [['done']], { action: 'confirm' }),
    ...inboxes('first', 'duplicate', 'done'),
  ]);
  const { troubles } = helper.getNode('store') as unknown as RecordStoreFace;
  for (const id of ['E-1', 'E-2']) await confirm(flow, id);
  expect(troubles.current?.kind).toBe('full');
  const isOver = new Promise<void>(resolve => troubles.onChange(resolve));
  clock.pass(120_000);
  await isOver;
  expect(troubles.current?.kind).toBe('unwritable');
});

it('an event checked and confirmed at once, while whose writing the flow stops: says that it is remembered', async () => {
  userDir();
  const flow = await Flow.start([
    storeNode(),
    dedupeNode('check', [['first'], ['duplicate']], { action: 'check-confirm' }),
    ...inboxes('first', 'duplicate'),
    ...catcher(),
  ]);
  await flow.pass('check', event('E-1'));
  const file = await open(__filename);
  await file.close();
  let finish = (): void => undefined;
  const flushing = vi.spyOn(Object.getPrototypeOf(file) as FileHandle, 'datasync');
  onTestFinished(() => flushing.mockRestore());
  flushing.mockImplementationOnce(() => new Promise(resolve => (finish = resolve)));
  flow.send('check', event('E-2'));
  await expect.poll(() => flushing.mock.calls.length).toBeGreaterThan(0);
  const closed = helper.getNode('check').close(false);
  finish();
  await closed;
  const [caught] = await flow.count('caught', 1);
  expect(caught?.error).toMatchObject({ code: 'STOPPED' });
  expect(caught?.error?.message).toMatch(/"E-2".*remembered/);
  expect(flow.inbox('first')).toHaveLength(1);
});

it('a deploy of the nodes that use a store leaves it and its claims alone', async () => {
  const flow = await Flow.start(nodes({ keep: 'memory' }));
  await confirm(flow, 'E-1');
  expect(await seen(flow, 'E-2')).toBe('first');
  await flow.redeploy(nodes({ keep: 'memory' }, 'renamed'), 'nodes');
  expect(await seen(flow, 'E-1')).toBe('confirmed');
  expect(await seen(flow, 'E-2')).toBe('pending');
});

it('a deploy of the store alone gives the nodes that use it the new one', async () => {
  userDir();
  const flow = await Flow.start(nodes());
  await confirm(flow, 'E-1');
  await flow.redeploy(nodes({ limit: 10 }), 'nodes');
  expect(await seen(flow, 'E-1')).toBe('confirmed');
  expect(await seen(flow, 'E-2')).toBe('first');
});

it.each([[0], [-1], [1.5], ['many'], ['']])(
  'a limit of %j is an error that names the field, at the start and for every event',
  async limit => {
    const flow = await Flow.start(nodes({ keep: 'memory', limit }));
    for (const id of ['E-1', 'E-2']) {
      const { at, msg } = await flow.pass('check', event(id));
      expect([at, msg.error?.code]).toEqual(['caught', 'NUMBER_INVALID']);
      expect(msg.error?.message).toContain('Most events to remember');
    }
    const logged = flow.logs.filter(
      ({ id, msg }) => id === 'store' && String(msg).includes('Most events'),
    );
    expect(logged).toHaveLength(1);
  },
);

it('a store full of claims is an error, never a duplicate', async () => {
  const flow = await Flow.start(nodes({ keep: 'memory', limit: 2 }));
  for (const id of ['E-1', 'E-2']) expect(await seen(flow, id)).toBe('first');
  const { at, msg } = await flow.pass('check', event('E-3'));
  expect([at, msg.error?.code]).toEqual(['caught', 'EVENT_STORE_FULL']);
});

it.each([
  ['a1b2c3d4e5f60718', 'a1b2c3d4e5f60718'],
  ['tab-a1.b2', 'tab-a1%2Eb2'],
  ['../../outside', '%2E%2E%2F%2E%2E%2Foutside'],
])('the node id %s becomes a file name', (id, name) => {
  expect(journalFile('user', id)).toBe(
    join('user', 'record-updates', `${name}.seen-events.journal`),
  );
});

it.each([
  ['too long once it is encoded', '\u9806'.repeat(30)],
  ['half of a surrogate pair', 'night \ud83d'],
])('a queue name that is %s has a file name of its own', (_what, name) => {
  const file = basename(queueFile('user', 'a1b2c3d4e5f60718', name));
  expect(Buffer.byteLength(file)).toBeLessThan(250);
  expect(file).toMatch(/^a1b2c3d4e5f60718\.=[0-9a-f]{64}\.update-queue\.journal$/);
  expect(basename(queueFile('user', 'a1b2c3d4e5f60718', `${name}!`))).not.toBe(file);
});

it('names of queues that differ in upper and lower case only have files that do not', () => {
  const names = ['orders', 'Orders', 'ORDERS', 'orderS', 'Aufträge', 'aufträge', 'K'.repeat(195)];
  for (const fileOf of [queueFile, lettersFile]) {
    const files = names.map(name => basename(fileOf('user', 'store', name)));
    expect(new Set(files.map(file => file.toLowerCase())).size).toBe(names.length);
    // What is there already keeps its name, and a person can still read it.
    expect(files[0]).toMatch(/^store\.orders\./);
    expect(files[1]).toMatch(/^store\.Orders=[0-9a-f]{16}\./);
    for (const file of files) expect(Buffer.byteLength(file)).toBeLessThan(250);
  }
});

it('a file that an earlier version has named without regard to case is found and goes on', async () => {
  const temp = makeTempDir('former');
  onTestFinished(() => {
    temp.remove();
  });
  const path = queueFile(temp.dir, 'store', 'Orders');
  const former = join(temp.dir, 'record-updates', 'store.Orders.update-queue.journal');
  mkdirSync(join(temp.dir, 'record-updates'));
  expect(await fileInUse(path, 'Orders')).toBe(path);
  writeFileSync(`${former}.3`, '');
  expect(await fileInUse(path, 'Orders')).toBe(former);
  // That of another queue, which such a file system shows under this name, too.
  expect(await fileInUse(queueFile(temp.dir, 'store', 'ORDERS'), 'ORDERS')).toBe(
    queueFile(temp.dir, 'store', 'ORDERS'),
  );
  writeFileSync(`${path}.1`, '');
  expect(await fileInUse(path, 'Orders')).toBe(path);
});
