import { describe, expect, it } from 'vitest';
import { MAX_NESTING } from '../../../lib/record/extent';
import { snapshotFor } from '../../../lib/record/snapshot';

const ref = { collection: 'orders', key: 1, url: 'http://mes/orders(1)' };
const snapshot = {
  key: 1,
  url: ref.url,
  version: 'W/"a,b"',
  values: { status: 'new' },
  readAt: '2025-02-08T10:00:00.000Z',
};

describe('snapshotFor', () => {
  it('takes the snapshot of this record, the version byte for byte', () => {
    expect(snapshotFor(snapshot, ref)).toEqual(snapshot);
    expect(snapshotFor(JSON.parse(JSON.stringify(snapshot)), ref)).toEqual(snapshot);
  });

  it.each([
    ['case U36: nested too deep', 'deep'],
    ['case U38: that holds one object many times over', 'doubled'],
  ])('%s: refused, since it cannot be compared', (_what, how) => {
    let value: unknown = 'x';
    for (let level = 0; level < MAX_NESTING; level++) {
      value = how === 'deep' ? [value] : { a: value, b: value };
    }
    const refused = expect.objectContaining({ code: 'SNAPSHOT_INVALID' }) as Error;
    expect(() => snapshotFor({ ...snapshot, values: { value } }, ref)).toThrow(refused);
  });

  it('leaves out what is no part of a snapshot', () => {
    expect(snapshotFor({ ...snapshot, headers: { authorization: 'x' } }, ref)).toEqual(snapshot);
  });

  it('keeps the time of the last change as it was spelled, if it is text', () => {
    const modifiedAt = '2025-02-08T10:00:00.5Z';
    expect(snapshotFor({ ...snapshot, modifiedAt }, ref)).toEqual({ ...snapshot, modifiedAt });
    expect(snapshotFor({ ...snapshot, modifiedAt: 5 }, ref)).toEqual(snapshot);
  });

  it('fills in for a snapshot made by hand', () => {
    const { url, values } = snapshot;
    expect(snapshotFor({ url, values, version: 7 }, ref)).toEqual({
      key: 1,
      url,
      values,
      version: '7',
      readAt: '',
    });
  });

  it.each([
    [undefined],
    [null],
    ['text'],
    [[snapshot]],
    [{}],
    [{ ...snapshot, version: undefined }],
    [{ ...snapshot, version: null }],
    [{ ...snapshot, values: undefined }],
    [{ ...snapshot, values: [] }],
    [{ ...snapshot, url: undefined }],
    [{ ...snapshot, url: 'http://mes/orders(2)' }],
    [{ ...snapshot, url: 'http://mes/orders(2)', version: '\n' }],
  ])('is undefined for %j', value => {
    expect(snapshotFor(value, ref)).toBeUndefined();
  });

  it.each([[''], ['"1"\r\nX: 1'], ['日本'], ['*'], [1.5], [{}]])(
    'trap 11: refuses the version %j',
    version => {
      expect(() => snapshotFor({ ...snapshot, version }, ref)).toThrow(
        expect.objectContaining({ code: 'VERSION_INVALID' }),
      );
    },
  );
});
