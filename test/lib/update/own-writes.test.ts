import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../lib/outcome/answer';
import type { Fields } from '../../../lib/record/fields';
import type { OwnTransition } from '../../../lib/record/snapshot';
import { isOfThisWrite, OwnWrites } from '../../../lib/update/own-writes';

const CACHED: Answer = {
  kind: 'answer',
  status: 200,
  headers: {},
  text: '',
  json: undefined,
  roundTripMs: 1,
};

const isKnown = (writes: OwnWrites, url: string): boolean =>
  writes.mayBeNewerThan(CACHED, url, 'older', 1);

it('knows the latest thousand records that were written, however often, and not many more', () => {
  const writes = new OwnWrites();
  for (let n = 0; n < 5_000; n++) {
    writes.add(`/records/${n}`, 'ours', 0);
    writes.add('/records/busy', 'ours', 0);
  }
  const known = Array.from({ length: 5_000 }, (_, n) => isKnown(writes, `/records/${n}`));
  expect(known.slice(-999)).not.toContain(false);
  expect(known.filter(Boolean).length).toBeLessThan(2_000);
  expect(isKnown(writes, '/records/busy')).toBe(true);
});

it('knows the latest write of a record that was written again', () => {
  const writes = new OwnWrites();
  writes.add('/records/1', 'first', 0);
  for (let n = 0; n < 1_000; n++) writes.add(`/others/${n}`, 'ours', 0);
  writes.add('/records/1', 'second', 0);
  expect(writes.mayBeNewerThan(CACHED, '/records/1', 'second', 1)).toBe(false);
  expect(writes.mayBeNewerThan(CACHED, '/records/1', 'first', 1)).toBe(true);
});

describe('a transition of ours', () => {
  const TRANSITION = {
    field: 'status',
    to: 'In Progress',
    sinceField: 'statusSince',
    eventAt: '2025-02-08T13:40:00Z',
  };

  function seen(version: string, values: Fields, url = '/records/1'): OwnTransition | undefined {
    const writes = new OwnWrites();
    writes.add('/records/1', 'ours', 0, TRANSITION);
    return writes.transitionTo({ key: '1', url, version, values, readAt: '' });
  }

  it('is what has made the record as a read shows it, at its version', () => {
    expect(seen('ours', { status: 'In Progress' })).toBe(TRANSITION);
  });

  it.each([
    ['at another version', 'theirs', { status: 'In Progress' }, '/records/1'],
    ['where the API left the status as it was', 'ours', { status: 'Released' }, '/records/1'],
    ['where the read does not show the status', 'ours', {}, '/records/1'],
    ['of another record', 'ours', { status: 'In Progress' }, '/records/2'],
  ])('is not known %s', (_name, version, values, url) => {
    expect(seen(version, values, url)).toBeUndefined();
  });

  it('is not known any more after a write that was none', () => {
    const writes = new OwnWrites();
    writes.add('/records/1', 'ours', 0, TRANSITION);
    writes.add('/records/1', 'ours too', 1);
    const snapshot = { key: '1', url: '/records/1', values: { status: 'In Progress' }, readAt: '' };
    for (const version of ['ours', 'ours too']) {
      expect(writes.transitionTo({ ...snapshot, version })).toBeUndefined();
    }
  });
});

it.each([
  ['"v2"', '"v1"', true],
  ['"v2"', undefined, true],
  ['"v1"', '"v1"', false],
  ['Sat, 08 Feb 2025 13:40:00 GMT', 'Sat, 08 Feb 2025 13:39:00 GMT', false],
])('whether %s, after a write on %s, is the version of that write: %s', (version, sentOn, is) => {
  expect(isOfThisWrite(version, sentOn)).toBe(is);
});
