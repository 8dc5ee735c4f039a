import { describe, expect, it } from 'vitest';
import { Judge } from './judge';
import type { Counted, Said, Tried } from './said';
import { VersionedApi, type Write } from './versioned-api';

const tried = (n: number, rest: Partial<Tried> = {}): Tried => ({
  say: 'try',
  n,
  queue: 'newest',
  record: 'r',
  fields: ['a'],
  at: n,
  ...rest,
});
const put = (n: number, rest: Partial<Said & { say: 'put' }> = {}): Said => ({
  say: 'put',
  n,
  isDurable: true,
  superseded: [],
  ...rest,
});
const ends = (n: number, as: 'done' | 'again' | 'given-up' = 'done'): Said => ({
  say: 'ends',
  n,
  numbers: [n],
  as,
});
const write = (n: number): Write => ({ record: 'r', values: { a: n } });
const added = (n: number): Write => ({ record: 'r', values: { count: 1, last: n } });
const count = (n: number): Tried => tried(n, { queue: 'merge', fields: [] });

const counted = (rest: Partial<Counted>): Counted => ({
  waiting: 0,
  inFlight: 0,
  accepted: 0,
  merged: 0,
  superseded: 0,
  done: 0,
  givenUp: 0,
  ...rest,
});

function faults(said: readonly Said[], writes: readonly Write[], stats?: Counted): string {
  const judge = new Judge();
  for (const one of said) judge.hear(one);
  const all = new Map(stats === undefined ? [] : [['newest' as const, stats]]);
  return judge.judge(writes, all).faults.join('\n');
}

describe('what the stress tests are judged by', () => {
  it.each<[string, readonly Said[], readonly Write[]]>([
    ['an update that is written', [tried(1), put(1), ends(1)], [write(1)]],
    [
      'one that is superseded, and reported',
      [tried(1), put(1), tried(2), put(2, { superseded: [1] }), ends(2)],
      [write(2)],
    ],
    ['one whose answer is lost', [tried(1), { say: 'unknown', n: 1 }], []],
    ['one that is given up', [tried(1), put(1), ends(1, 'given-up')], []],
    ['an increment', [count(1), put(1), ends(1)], [added(1)]],
    [
      'one that left by what a process did that was killed',
      [tried(1), put(1), tried(2)],
      [write(2)],
    ],
  ])('%s is right', (_what, said, writes) => {
    expect(faults(said, writes)).toBe('');
  });

  it.each<[string, readonly Said[], readonly Write[], RegExp]>([
    ['an update that is lost', [tried(1), put(1), ends(1)], [], /it is lost/],
    [
      'an older value over a newer one',
      [tried(1), put(1), ends(1), tried(2), put(2), ends(2)],
      [write(2), write(1)],
      /something newer/,
    ],
    [
      'one that vanishes without a report',
      [tried(1), put(1), tried(2), put(2), ends(2)],
      [write(2)],
      /neither handed on nor reported/,
    ],
    ['an increment twice', [count(1), put(1), ends(1)], [added(1), added(1)], /added 2 times/],
    [
      'an increment twice of one that nobody knows to be accepted',
      [count(1)],
      [added(1), added(1)],
      /added 2 times/,
    ],
    ['an increment that is lost', [count(1), put(1), ends(1)], [], /never added/],
    ['what does not last', [tried(1), put(1, { isDurable: false }), ends(1)], [write(1)], /last/],
    ['what a process says', [{ say: 'fault', what: 'unhandled' }], [], /unhandled/],
  ])('%s is found', (_what, said, writes, words) => {
    expect(faults(said, writes)).toMatch(words);
  });

  it.each<[string, Partial<Counted>, RegExp]>([
    ['that does not add up', { accepted: 1 }, /add up/],
    ['of more than were put', { accepted: 2, done: 2 }, /1 to 1 were/],
  ])('a count %s is found', (_what, stats, words) => {
    expect(faults([tried(1), put(1), ends(1)], [write(1)], counted(stats))).toMatch(words);
  });

  it('two at a key who both have the right to be there are found, and no others', async () => {
    const api = await VersionedApi.start(() => 1);
    const send = async (what: string, fence: number, ms: number): Promise<number> => {
      const claim = { key: 'k', fence, expiresAt: Date.now() + ms };
      const { status } = await fetch(`${api.url}/${what}`, {
        method: 'POST',
        body: JSON.stringify(claim),
      });
      return status;
    };
    await send('enter', 1, -1);
    await send('enter', 2, 60_000);
    expect(await send('enter', 1, -1)).toBe(409);
    await send('leave', 2, 60_000);
    await send('enter', 3, 60_000);
    expect(api.overlaps).toEqual([]);
    await send('enter', 4, 60_000);
    await send('enter', 3, 60_000);
    api.close();
    expect(api.overlaps).toEqual([
      'k: 4 comes while 3 is there, whose time is not over',
      'k: 3 comes after 4, and its time is not over',
    ]);
  });
});
