import { expect, test } from 'vitest';
import { Dispatcher, type Queue } from '../../../../lib/update/bulk/dispatcher';
import type { Time } from '../../../../lib/retry/time';

/** Stands until it is moved. */
class Clock implements Time {
  private at = 0;
  private readonly sleeping: { readonly until: number; readonly wake: () => void }[] = [];

  readonly now = (): number => this.at;
  readonly monotonic = (): number => this.at;
  readonly sleep = (ms: number): Promise<void> =>
    new Promise(wake => this.sleeping.push({ until: this.at + ms, wake }));

  async move(ms: number): Promise<void> {
    this.at += ms;
    for (const { until, wake } of this.sleeping) if (until <= this.at) wake();
    await settled();
  }
}

/** So many wait in it, and ten go at once; a request ends when it is told to. */
class Line implements Queue {
  waiting = 0;
  readonly sent: { readonly count: number; readonly end: () => Promise<void> }[] = [];

  next(isQuiet: boolean) {
    if (this.waiting === 0 || (this.waiting < 10 && !isQuiet)) return undefined;
    const count = Math.min(10, this.waiting);
    this.waiting -= count;
    return () =>
      new Promise<void>(resolve => {
        const end = (): Promise<void> => {
          resolve();
          return settled();
        };
        this.sent.push({ count, end });
      });
  }

  abandon(): void {
    this.waiting = 0;
  }

  get counts(): number[] {
    return this.sent.map(({ count }) => count);
  }
}

async function settled(): Promise<void> {
  for (let n = 0; n < 3; n += 1) await new Promise(resolve => setImmediate(resolve));
}

function opened() {
  const clock = new Clock();
  const { signal } = new AbortController();
  const dispatcher = new Dispatcher({ time: clock, stop: signal, limit: () => 4, pauseMs: 0 });
  const [reads, writes] = [new Line(), new Line()];
  dispatcher.add('reads', reads);
  dispatcher.add('writes', writes);
  const wait = async (line: Line, count: number): Promise<void> => {
    line.waiting += count;
    dispatcher.wake();
    await settled();
  };
  /** A read that takes 100 ms, after which so many wait in a line. */
  const readFor100Ms = async (line: Line, count: number): Promise<void> => {
    await wait(reads, 1);
    await clock.move(100);
    line.waiting = count;
    await reads.sent[0]?.end();
  };
  return { clock, dispatcher, reads, writes, wait, readFor100Ms };
}

test('where nothing is under way, what waits to be read goes at once, full or not', async () => {
  const { reads, wait } = opened();
  await wait(reads, 13);
  expect(reads.counts).toEqual([10, 3]);
});

test('whoever waits to be read waits for those who are being written', async () => {
  const { reads, writes, dispatcher, wait } = opened();
  writes.waiting = 3;
  await wait(reads, 3);
  expect([writes.counts, reads.counts]).toEqual([[3], []]);
  await wait(reads, 4);
  expect(reads.counts).toEqual([]);
  await writes.sent[0]?.end();
  expect(reads.counts).toEqual([7]);
  dispatcher.close();
});

test('a full read waits for nobody', async () => {
  const { reads, writes, wait } = opened();
  writes.waiting = 3;
  await wait(reads, 10);
  expect([writes.counts, reads.counts]).toEqual([[3], [10]]);
});

test('whoever waits to be read waits for those who wake before a request would be over', async () => {
  const { clock, dispatcher, reads, wait, readFor100Ms } = opened();
  void dispatcher.time.sleep(200).then(() => wait(reads, 2));
  await readFor100Ms(reads, 5);
  expect(reads.counts).toEqual([1]);
  await clock.move(100);
  expect(reads.counts).toEqual([1, 7]);
});

test('and for those who wake after them, but not for anybody later', async () => {
  const { clock, dispatcher, reads, wait, readFor100Ms } = opened();
  void dispatcher.time.sleep(200).then(() => wait(reads, 2));
  void dispatcher.time.sleep(300).then(() => wait(reads, 2));
  void dispatcher.time.sleep(401).then(() => wait(reads, 2));
  await readFor100Ms(reads, 5);
  await clock.move(100);
  expect(reads.counts).toEqual([1]);
  await clock.move(100);
  expect(reads.counts).toEqual([1, 9]);
});

test('one that is expected and does not come holds nobody up any longer', async () => {
  const { clock, dispatcher, reads, readFor100Ms } = opened();
  void dispatcher.time.sleep(200);
  await readFor100Ms(reads, 5);
  expect(reads.counts).toEqual([1]);
  await clock.move(100);
  expect(reads.counts).toEqual([1, 5]);
});

test('after a request that took very long, nobody is waited for as long', async () => {
  const { clock, dispatcher, reads, wait } = opened();
  await wait(reads, 1);
  await clock.move(30_000);
  void dispatcher.time.sleep(1_001);
  reads.waiting = 5;
  await reads.sent[0]?.end();
  expect(reads.counts).toEqual([1, 5]);
});

test('what has been read is written without waiting for anybody', async () => {
  const { dispatcher, writes, readFor100Ms } = opened();
  void dispatcher.time.sleep(110);
  await readFor100Ms(writes, 5);
  expect(writes.counts).toEqual([5]);
});
