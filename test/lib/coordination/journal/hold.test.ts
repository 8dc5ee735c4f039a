import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeldError, Hold, LOOK_MS, SILENT_LOOKS } from '../../../../lib/coordination/journal/hold';
import {
  holderText,
  readHolder,
  thisMachine,
  type Holder,
  type Machine,
} from '../../../../lib/coordination/journal/holder';
import { openJournal } from '../../../../lib/coordination/journal/journal';
import { entryLine, headerLine } from '../../../../lib/coordination/journal/line';
import { FakeTime } from '../fake-time';
import { hurried, keptBeside, mortals, storeFile, strangers } from './store-files';
import { Values } from './values';

let folder: string;
let path: string;
let time: FakeTime;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hold-'));
  path = join(folder, 'values.jsonl');
  time = new FakeTime();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function holdOf(machine: Machine): Hold {
  return new Hold(path, { machine, now: time.now, monotonic: time.monotonic });
}

/** How many looks a second apart it takes until the store is had; as many as asked for: it is not. */
async function looksUntilTaken(hold: Hold, most = 3 * SILENT_LOOKS): Promise<number> {
  for (let looks = 1; looks < most; looks++) {
    const isTaken = await hold.take().catch((error: unknown) => {
      expect(error).toBeInstanceOf(HeldError);
      return false;
    });
    if (isTaken) return looks;
    time.pass(LOOK_MS);
  }
  return most;
}

it('a look that lasts so long that somebody else may have come meanwhile makes nobody sure', async () => {
  const hold = holdOf(thisMachine);
  expect(await hold.take()).toBe(true);
  expect(hold.isSure).toBe(true);
  const looking = hold.verify();
  // The process stands still in the middle of it.
  time.pass(10 * LOOK_MS);
  await looking;
  expect(hold.isSure).toBe(false);
  await hold.verify();
  expect(hold.isSure).toBe(true);
  await hold.release();
});

const self = (): Promise<Holder> => thisMachine.self(time.now());

describe('a lock file that is left over', () => {
  const LINUX = process.platform === 'linux';

  async function looksFor(text: string): Promise<number> {
    writeFileSync(`${path}.7.lock`, text);
    return looksUntilTaken(holdOf(thisMachine));
  }

  it.runIf(LINUX)('of a process that runs is respected, whatever time passes', async () => {
    const looks = await looksFor(holderText(await self()));
    expect(looks).toBe(3 * SILENT_LOOKS);
  });

  it.runIf(LINUX)(
    'of a process whose number another one has now is taken over at once',
    async () => {
      const holder = await self();
      const birth = holder.birth && { ...holder.birth, started: '1' };
      expect(await looksFor(holderText({ ...holder, ...(birth && { birth }) }))).toBe(1);
    },
  );

  it.runIf(LINUX)('of a process that has ended is taken over at once', async () => {
    // No process can have that number.
    expect(await looksFor(holderText({ ...(await self()), pid: 2 ** 30 }))).toBe(1);
  });

  it.each<[string, (holder: Holder) => string]>([
    [
      'of another start of the computer, or another computer',
      holder => holderText({ ...holder, birth: { boot: 'b', space: 's', started: '1' } }),
    ],
    ['of a computer without /proc', ({ pid, host, since }) => holderText({ pid, host, since })],
    ['that is empty, as after a power failure', () => ''],
    ['that holds something else', () => 'locked by Bob\n'],
    ['of another version', holder => JSON.stringify({ version: 9, owner: holder })],
    ['with a number that is none of a process', holder => holderText({ ...holder, pid: -1 })],
  ])('%s is taken over when nobody answers', async (_which, text) => {
    expect(await looksFor(text(await self()))).toBe(SILENT_LOOKS + 1);
  });

  it.each([0, 4_000_000_000])('is judged by no clock: changed at %i s', async at => {
    writeFileSync(`${path}.7.lock`, '');
    utimesSync(`${path}.7.lock`, at, at);
    const hold = holdOf(thisMachine);
    time.setWall(at * 1000);
    expect(await looksUntilTaken(hold)).toBe(SILENT_LOOKS + 1);
  });
});

describe('a holder that cannot be seen', () => {
  it('keeps the store as long as it answers', async () => {
    const machine = strangers();
    const holder = holdOf(machine);
    expect(await holder.take()).toBe(true);
    const other = holdOf(machine);
    for (let looks = 0; looks < 5 * SILENT_LOOKS; looks++) {
      await expect(other.take()).rejects.toMatchObject({ isCertain: looks > 0 });
      await holder.verify();
      time.pass(LOOK_MS);
    }
    await holder.release();
    expect(await other.take()).toBe(true);
  });

  it('looks that come at once count as one: an observer that was stopped sees no silence', async () => {
    const machine = strangers();
    expect(await holdOf(machine).take()).toBe(true);
    const other = holdOf(machine);
    for (let i = 0; i < 3 * SILENT_LOOKS; i++) await expect(other.take()).rejects.toThrow();
    time.pass(100 * SILENT_LOOKS * LOOK_MS);
    await expect(other.take()).rejects.toThrow();
  });

  it('leaves nothing behind when whoever asks gives up', async () => {
    const machine = strangers();
    const holder = holdOf(machine);
    await holder.take();
    const other = holdOf(machine);
    await expect(other.take()).rejects.toThrow();
    await other.release();
    await holder.release();
    expect(keptBeside(path)).toEqual([]);
  });
});

it('a lock file removed by hand: the next one takes over, the holder notices', async () => {
  const machine = mortals();
  const first = holdOf({ ...machine, isRunning: () => Promise.resolve(true) });
  await first.take();
  rmSync(`${path}.1.lock`);
  const second = holdOf(machine);
  expect(await second.take()).toBe(true);
  await expect(first.verify()).rejects.toThrow('taken over');
  await second.verify();
});

it('a lock file that somebody touched: the holder claims anew, and has it', async () => {
  const hold = holdOf(thisMachine);
  await hold.take();
  utimesSync(`${path}.1.lock`, 1, 1);
  await expect(hold.verify()).rejects.toThrow('taken over');
  expect(await hold.take()).toBe(true);
  await hold.verify();
});

it('whoever finds that the store was taken over is not sure of anything before that is said', async () => {
  const machine = { ...mortals(), isRunning: () => Promise.resolve(true) };
  const onTrouble = (): undefined => undefined;
  const { setTimer } = time;
  const owner = new Values();
  const journal = await openJournal({ path, owner, time, onTrouble, setTimer, machine });
  rmSync(`${path}.1.lock`);
  const other = holdOf(machine);
  expect(await other.take()).toBe(true);
  // It was stopped meanwhile, and its own look is the first thing that comes.
  time.pass(10 * LOOK_MS);
  const sure: boolean[] = [];
  while (journal.failure === undefined) {
    sure.push(journal.isSure);
    await new Promise(resolve => setImmediate(resolve));
  }
  expect(sure).not.toContain(true);
  expect(journal.failure.kind).toBe('in-use');
  expect(journal.isSure).toBe(true);
  await journal.close();
  await other.release();
});

it('of many that come at the same time one gets it', async () => {
  for (let round = 0; round < 20; round++) {
    const machine = { ...mortals(), isRunning: () => Promise.resolve(true) };
    const holds = Array.from({ length: 8 }, () => holdOf(machine));
    const taken = await Promise.allSettled(holds.map(hold => hold.take()));
    const winners = holds.filter((_, i) => taken[i]?.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    await winners[0]?.verify();
    await winners[0]?.release();
  }
});

it('a text that is no holder is read as none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), text => {
      const holder = readHolder(text);
      if (holder !== undefined) expect(holder.pid).toBeGreaterThan(0);
    }),
  );
});

it('whatever files of several holders are left: the entries of the last one that wrote count, no others', async () => {
  const epoch = fc.record({
    epoch: fc.integer({ min: 1, max: 6 }),
    data: fc.option(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 })),
    kinds: fc.subarray(['lock', 'closed', 'new', 'knock-abc']),
  });
  const files = fc.uniqueArray(epoch, { selector: ({ epoch }) => epoch, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(files, async left => {
      rmSync(folder, { recursive: true });
      folder = mkdtempSync(join(tmpdir(), 'hold-'));
      path = join(folder, 'values.jsonl');
      const header = headerLine(new Values());
      for (const { epoch, data, kinds } of left) {
        const lines = (data ?? []).map(value => entryLine({ name: `${epoch}/${value}`, value }));
        if (data !== null) writeFileSync(`${path}.${epoch}`, header + lines.join(''));
        for (const kind of kinds) writeFileSync(`${path}.${epoch}.${kind}`, 'half a line');
      }
      const owner = new Values();
      const onTrouble = (): undefined => undefined;
      const machine = mortals();
      const setTimer = hurried(time);
      const journal = await openJournal({ path, owner, time, onTrouble, setTimer, machine });
      await journal.append({ name: 'new', value: 1 });
      await journal.close();
      const last = left.filter(({ data }) => data !== null).sort((a, b) => b.epoch - a.epoch)[0];
      const wanted = (last?.data ?? []).map(value => `${last?.epoch}/${value}`);
      expect([...owner.values.keys()].sort()).toEqual([...new Set(wanted)].sort());
      const used = left.filter(({ data, kinds }) => data !== null || kinds.some(isNoKnock));
      const top = Math.max(0, ...used.map(({ epoch }) => epoch));
      expect(storeFile(path)).toBe(`${path}.${top + 1}`);
      // What they left is gone, but for questions to one that never was.
      expect(keptBeside(path)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

function isNoKnock(kind: string): boolean {
  return !kind.startsWith('knock');
}
