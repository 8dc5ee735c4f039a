import { describe, expect, it } from 'vitest';
import { InputError } from '../../../lib/errors';
import { arrived, idOf, remembered, type ArrivedUpdate } from '../../../lib/review/arrive';
import { readEntryText, written } from '../../../lib/review/codec';
import type { DeadLetter } from '../../../lib/review/dead-letter';
import { fitted } from '../../../lib/review/fit';
import { asksFirst, headText } from '../../../lib/review/heads';
import { originalOf } from '../../../lib/review/original';
import { pageOf } from '../../../lib/review/query';
import { isAllThere, PLAIN_RULES, reviewFields } from '../../../lib/review/review-fields';

const plain = { omit: [], hide: (text: string) => text };

function update(more: Partial<ArrivedUpdate> = {}): ArrivedUpdate {
  return {
    record: { key: 'A', url: 'http://api/orders/A', type: 'orders' },
    source: { node: 'n1', type: 'conditional-update', name: 'night' },
    endpoint: { node: 'e1', name: 'orders API', baseUrl: 'http://api' },
    outcome: 'conflict',
    error: undefined,
    fields: [],
    seenAt: undefined,
    changes: { status: 'Done' },
    isComputed: false,
    isAction: false,
    evidence: {},
    attempts: 1,
    message: { _msgid: 'm1' },
    changesAt: 'payload',
    leftOut: [],
    trace: { msgid: 'm1' },
    ...more,
  };
}

const entryOf = (more: Partial<ArrivedUpdate> = {}, now = 1_000): DeadLetter =>
  arrived(update(more), undefined, now);

describe('the identity of an entry', () => {
  it('is flow node, record and changes, whatever their order', () => {
    const id = idOf(update({ changes: { a: 1, b: { c: 2, d: 3 } } }));
    expect(idOf(update({ changes: { b: { d: 3, c: 2 }, a: 1 }, outcome: 'denied' }))).toBe(id);
    expect(idOf(update({ changes: { a: 1, b: { c: 2, d: 4 } } }))).not.toBe(id);
    const elsewhere = { key: 'B', url: 'http://api/orders/B', type: 'orders' };
    expect(idOf(update({ record: elsewhere }))).not.toBe(idOf(update()));
    expect(idOf(update({ source: undefined }))).not.toBe(idOf(update()));
  });

  it.each([{ isComputed: true, changes: undefined }, { isAction: true }, { changes: undefined }])(
    'is its message where each one counts: %j',
    more => {
      const id = idOf(update(more));
      expect(idOf(update(more))).toBe(id);
      expect(idOf(update({ ...more, trace: { msgid: 'm2' } }))).not.toBe(id);
    },
  );
});

describe('what has come', () => {
  it('adds to what there is: the first events stay, and the latest', () => {
    let entry = entryOf({}, 1);
    for (let n = 2; n <= 50; n++) entry = arrived(update({ outcome: 'denied' }), entry, n);
    expect(entry).toMatchObject({ failures: 50, attempts: 50, createdAt: 1, updatedAt: 50 });
    expect(entry.history).toHaveLength(20);
    expect(entry.history.map(({ at }) => at)).toEqual([1, 2, ...range(33, 50)]);
    expect(remembered([], { at: 1, what: 'expire' })).toEqual([{ at: 1, what: 'expire' }]);
  });

  it('keeps a write in doubt until somebody has looked', () => {
    const pending = { versionSent: '1', seenUnmoved: false, changesHash: 'h' };
    const inDoubt = entryOf({ outcome: 'uncertain', evidence: { pending } });
    const unread = arrived(update({ outcome: 'unavailable' }), inDoubt, 2);
    expect(unread.evidence).toEqual({ pending });
    const snapshot = { key: 'A', url: 'u', version: '2', values: {}, readAt: '' };
    const base = { snapshot, changesHash: 'h' };
    const read = arrived(update({ evidence: { base } }), inDoubt, 2);
    expect(read.evidence).toEqual({ base });
  });

  it('opens again what was settled', () => {
    const settled: DeadLetter = {
      ...entryOf(),
      state: 'settled',
      settled: { at: 1, action: 'theirs', by: 'ann' },
    };
    expect(arrived(update(), settled, 2)).toMatchObject({ state: 'open', failures: 2 });
  });
});

describe('the message as it is kept', () => {
  it.each([
    'authorization',
    'Proxy-Authorization',
    'cookie',
    'Set-Cookie',
    'password',
    'client_secret',
    'accessToken',
    'X-API-Key',
    'credentials',
  ])('has no %s, at any depth', name => {
    const { message, leftOut } = originalOf({ deep: [{ [name]: 'abc', a: 1 }] }, plain);
    expect(message).toEqual({ deep: [{ a: 1 }] });
    expect(leftOut).toEqual([{ path: `msg.deep[0].${name}`, why: 'secret' }]);
  });

  it('is plain data, whatever came', () => {
    const loop: Record<string, unknown> = { a: 1 };
    loop.self = loop;
    const msg = {
      loop,
      call: () => 1,
      big: 1n,
      not: Number.NaN,
      buffer: Buffer.from('x'),
      promise: Promise.resolve(1),
      at: new Date(0),
      list: [1, undefined, () => 1],
      nothing: null,
      ['__proto__x']: 1,
    };
    const { message, leftOut } = originalOf(msg, plain);
    expect(JSON.parse(JSON.stringify(message))).toEqual(message);
    expect(message).toMatchObject({
      at: '1970-01-01T00:00:00.000Z',
      list: [1, null, null],
      nothing: null,
    });
    const paths = leftOut.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['msg.call', 'msg.big', 'msg.not', 'msg.buffer', 'msg.promise']),
    );
    expect(leftOut.length).toBeLessThanOrEqual(50);
  });

  it('hides what repeats a credential', () => {
    const hide = (text: string): string => text.replaceAll('s3cret', '***');
    const { message } = originalOf({ note: 'it is s3cret' }, { omit: [], hide });
    expect(message).toEqual({ note: 'it is ***' });
  });
});

describe('an entry in its budget', () => {
  it('loses the largest members first, and the changes last', () => {
    const message = { _msgid: 'm', a: 'x'.repeat(3_000), b: 'y'.repeat(2_000), c: 'z' };
    const entry = entryOf({ message });
    expect(fitted(entry, 100_000)).toEqual({ entry, text: written(entry) });
    const smaller = fitted(entry, 3_500).entry;
    expect(smaller.leftOut).toEqual([{ path: 'msg.a', why: 'size' }]);
    expect(smaller.message).toEqual({ _msgid: 'm', b: message.b, c: 'z' });
    const least = fitted(entryOf({ message, changes: { status: 'x'.repeat(9_000) } }), 1_500);
    expect(Buffer.byteLength(least.text)).toBeLessThanOrEqual(1_500);
    expect(least.entry.leftOut.map(({ path }) => path)).toContain('changes');
  });
});

describe('an entry as it is stored', () => {
  it('comes back as it was, with every digit', () => {
    const entry = entryOf({ message: { n: 0.5 } });
    expect(readEntryText(entry.id, written(entry))).toEqual(entry);
  });

  it('of an earlier version is read as what it was', () => {
    const text = JSON.stringify({ record: { key: 'A', type: 'orders' }, outcome: 'conflict' });
    expect(readEntryText('x', text)).toMatchObject({
      id: 'x',
      state: 'open',
      outcome: 'conflict',
      fields: [],
      history: [],
      evidence: {},
    });
  });

  it.each([
    ['{"format": 99}', 'ENTRY_NEWER'],
    ['{"format": "x"}', 'ENTRY_NEWER'],
    ['[]', 'ENTRY_DAMAGED'],
    ['{', 'ENTRY_DAMAGED'],
  ])('%s is told, and not touched', (text, code) => {
    const read = (): unknown => readEntryText('x', text);
    expect(read).toThrow(InputError);
    expect(read).toThrow(expect.objectContaining({ code }) as Error);
  });
});

describe('a row per field', () => {
  it('tells who has changed what', () => {
    const fields = reviewFields(
      {
        changes: { a: 1, b: 2, c: 3 },
        conflict: { fields: [{ name: 'a', base: 0, ours: 1, theirs: 9 }, guard('g')] },
        base: { a: 0, b: 2, c: 0 },
        theirs: { a: 9, b: 5, c: 0 },
      },
      PLAIN_RULES,
    );
    expect(fields).toEqual([
      { name: 'a', base: 0, ours: 1, theirs: 9, ...by(true, true), ...is(true, false) },
      { name: 'g', base: 'x', ours: undefined, theirs: 'y', ...by(false, true), ...is(true, true) },
      { name: 'b', base: 2, ours: 2, theirs: 5, ...by(false, true), ...is(false, false) },
      { name: 'c', base: 0, ours: 3, theirs: 0, ...by(true, false), ...is(false, false) },
    ]);
  });

  it('says that it does not know', () => {
    const [field] = reviewFields(
      { changes: { a: 1 }, conflict: undefined, base: undefined, theirs: undefined },
      PLAIN_RULES,
    );
    expect(field).toMatchObject({ base: undefined, theirs: undefined, changedByThem: undefined });
    expect(isAllThere({ a: 1 }, { a: 1, b: 2 }, PLAIN_RULES)).toBe(true);
    expect(isAllThere({ a: 1 }, { a: 2 }, PLAIN_RULES)).toBe(false);
    expect(isAllThere(undefined, { a: 1 }, PLAIN_RULES)).toBe(false);
  });
});

describe('what asks first', () => {
  const pending = { versionSent: '1', seenUnmoved: false, changesHash: 'h' };
  const snapshot = { key: 'A', url: 'u', version: '1', values: {}, readAt: '' };
  const base = { snapshot, changesHash: 'h' };

  it.each<[what: string, more: Partial<ArrivedUpdate>, replay: boolean, ours: boolean]>([
    ['a conflict', {}, false, false],
    ['a value in doubt', { outcome: 'uncertain', evidence: { base, pending } }, false, false],
    ['a value nothing is known of', { outcome: 'uncertain' }, true, false],
    [
      'a count in doubt',
      { outcome: 'uncertain', isComputed: true, evidence: { pending } },
      false,
      true,
    ],
    ['a count nothing is known of', { outcome: 'uncertain', isComputed: true }, true, true],
    [
      'an action in doubt',
      { outcome: 'uncertain', isAction: true, evidence: { base } },
      true,
      true,
    ],
    ['a killed run', { isComputed: true, evidence: { base, pending } }, false, true],
  ])('%s', (_what, more, replay, ours) => {
    const entry = entryOf(more);
    expect([asksFirst(entry, 'replay'), asksFirst(entry, 'ours')]).toEqual([replay, ours]);
    expect([asksFirst(entry, 'edit'), asksFirst(entry, 'discard')]).toEqual([false, false]);
  });
});

describe('a page', () => {
  const heads = [
    entryOf({ changes: { status: 'Done' } }, 1),
    entryOf({ changes: { status: 'Späť' }, outcome: 'denied' }, 2),
    entryOf({ record: { key: 'B', url: 'http://api/parts/B', type: 'parts' } }, 3),
  ].map((entry, n) => {
    const [head, search] = JSON.parse(headText(entry)) as [object, string];
    return { head: { ...head, id: entry.id, revision: n } as never, search };
  });
  const idsOf = (query: object): number =>
    pageOf(heads, query).records.flatMap(({ heads: found }) => found).length;

  it('groups by record, the latest first, and counts what there is to choose from', () => {
    const page = pageOf(heads, {});
    expect(page.records.map(({ record, heads: found }) => [record.key, found.length])).toEqual([
      ['B', 1],
      ['A', 2],
    ]);
    expect(page).toMatchObject({
      totalRecords: 2,
      totalEntries: 3,
      choices: {
        outcomes: { conflict: 2, denied: 1 },
        types: { orders: 2, parts: 1 },
        endpoints: { e1: { name: 'orders API', count: 3 } },
      },
    });
    expect(pageOf(heads, { skip: 1, most: 1 }).records).toHaveLength(1);
    expect(pageOf(heads, { oldestFirst: true }).records[0]?.record.key).toBe('A');
  });

  it('shows what the filter holds for', () => {
    expect(idsOf({ outcomes: ['denied'] })).toBe(1);
    expect(idsOf({ types: ['parts', 'x'] })).toBe(1);
    expect(idsOf({ endpoints: ['e2'] })).toBe(0);
    expect(idsOf({ record: 'http://api/orders/A' })).toBe(2);
    expect(idsOf({ since: 2 })).toBe(2);
    expect(idsOf({ before: 2 })).toBe(1);
    expect(idsOf({ text: 'PARTS conflict' })).toBe(1);
    expect(idsOf({ state: 'settled' })).toBe(0);
    expect(idsOf({ outcomes: [] })).toBe(3);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}

function guard(name: string) {
  return { name, base: 'x', ours: 'x', theirs: 'y' };
}

function by(changedByUs: boolean, changedByThem: boolean) {
  return { changedByUs, changedByThem };
}

function is(conflicting: boolean, isGuard: boolean) {
  return { conflicting, isGuard };
}
