import { LosslessNumber } from 'lossless-json';
import { expect, it } from 'vitest';
import type { DeadLetter, ReviewField } from '../../lib/review/dead-letter';
import { actFace, lookFace, storedFace } from '../../plugins/conflicts-sidebar/faces';
import { keyText } from '../../plugins/conflicts-sidebar/key-text';
import {
  agoText,
  shareText,
  shownValue,
  timeText,
} from '../../plugins/conflicts-sidebar/words.editor';
import { reviewAct } from '../../plugins/conflicts-sidebar/wishes';

const LONG = '12345678901234567890.25';

const FIELD: ReviewField = {
  name: 'amount',
  base: undefined,
  ours: new LosslessNumber(LONG),
  theirs: null,
  changedByUs: true,
  changedByThem: undefined,
  conflicting: true,
  isGuard: false,
};

const ENTRY: DeadLetter = {
  format: 1,
  id: 'e',
  state: 'open',
  record: { key: 'K', url: undefined, type: 'orders' },
  source: undefined,
  endpoint: undefined,
  outcome: 'conflict',
  error: undefined,
  fields: [FIELD],
  seenAt: undefined,
  changes: { amount: new LosslessNumber(LONG), note: 'a' },
  isComputed: false,
  isAction: false,
  evidence: {},
  failures: 1,
  attempts: 1,
  message: { secretary: 'not asked for' },
  changesAt: undefined,
  leftOut: [],
  trace: {},
  createdAt: 1,
  updatedAt: 2,
  history: [{ at: 1, what: 'failed', showed: { amount: new LosslessNumber(LONG) } }],
  claim: undefined,
  settled: undefined,
};

it('an entry loses no digit on its way, and says what is not known', () => {
  const { entry, revision } = storedFace({ entry: ENTRY, revision: 7 });
  expect(revision).toBe(7);
  expect(entry.fields).toEqual([
    {
      name: 'amount',
      ours: LONG,
      theirs: 'null',
      changedByUs: true,
      changedByThem: undefined,
      conflicting: true,
      isGuard: false,
    },
  ]);
  expect(entry.changes).toEqual({ amount: LONG, note: '"a"' });
  expect(entry.history[0]?.showed).toBe(`{"amount":${LONG}}`);
  expect(JSON.stringify(entry)).not.toContain('not asked for');
});

it('an entry says what may count twice, before somebody does it', () => {
  const inDoubt = { ...ENTRY, outcome: 'uncertain', isComputed: true, evidence: {} } as const;
  expect(storedFace({ entry: inDoubt, revision: 1 }).asksFirst).toEqual(['replay', 'ours']);
  expect(storedFace({ entry: { ...inDoubt, outcome: 'conflict' }, revision: 1 }).asksFirst).toEqual(
    [],
  );
});

it('what a look has shown comes back with the act as it was', () => {
  const shown = {
    key: { company: 'usmf', number: 5 },
    url: 'http://api/orders/K',
    version: 'W/"1"',
    values: { amount: '12345678901234567890', nested: { a: [1, null] } },
    readAt: '2026-11-29T06:00:00.000Z',
  };
  const look = lookFace({ kind: 'seen', is: 'same', fields: [FIELD], shown });
  if (look.kind !== 'seen') throw new Error('It was seen');
  expect(reviewAct('e', 'mira', { action: 'ours', shown: look.shown }).shown).toEqual(shown);
});

it('a refusal brings the entry as it is now', () => {
  const now = { entry: ENTRY, revision: 8 };
  const refused = { kind: 'refused', code: 'ENTRY_CHANGED', message: 'No.', now } as const;
  expect(actFace(refused)).toMatchObject({ code: 'ENTRY_CHANGED', now: { revision: 8 } });
  expect(actFace({ kind: 'settled', now })).toEqual({ kind: 'settled', now: storedFace(now) });
});

it('values are shown in words, cut off where they are long', () => {
  const t = (key: string, values: object = {}): string =>
    [key.split('.').at(-1), ...Object.values(values).map(String)].join(' ');
  expect(shownValue(t, undefined)).toEqual({ text: 'unknown', kind: 'note' });
  expect(shownValue(t, 'null')).toEqual({ text: 'empty', kind: 'note' });
  expect(shownValue(t, '""')).toEqual({ text: 'empty-text', kind: 'note' });
  expect(shownValue(t, '"a\\nb"')).toEqual({ text: 'a\nb', kind: 'text' });
  expect(shownValue(t, LONG)).toEqual({ text: LONG, kind: 'json' });
  expect(shownValue(t, '{"a":1}')).toEqual({ text: '{"a":1}', kind: 'json' });
  const { text } = shownValue(t, JSON.stringify('x'.repeat(1_000)));
  expect(text).toBe(`${'x'.repeat(300)}… cut 1000`);
});

it('keys, times and shares are those of people', () => {
  expect(keyText(undefined)).toBe('');
  expect(keyText(5)).toBe('5');
  expect(keyText({ ordernumber: 'SO-1' })).toBe('SO-1');
  expect(keyText({ company: 'usmf', number: 5 })).toBe('company=usmf, number=5');
  const session = { t: (key: string): string => key, say: () => undefined, language: 'en-US' };
  expect(agoText(session, 0, 3 * 3_600_000 + 5)).toBe('3 hr. ago');
  expect(agoText(session, 10, 5)).toBe('now');
  expect(timeText(session, 'not a time')).toBe('not a time');
  expect(shareText(session, undefined)).toBe('–');
  expect(shareText(session, 0.1234)).toBe('12.3%');
});
