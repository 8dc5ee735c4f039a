import { expect, it } from 'vitest';
import type { Answer } from '../../../lib/outcome/answer';
import { OwnWrites } from '../../../lib/update/own-writes';

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
