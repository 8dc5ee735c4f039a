import { describe, expect, it } from 'vitest';
import { createSapCx } from '../../../lib/api/rest/sap-cx';
import { answer } from './answers';
import { meaningOf, planFor } from './odata-plans';

const cx = createSapCx();
const ref = cx.locate('https://cx.example/territory-api/v1', 'assignments', 'T001');

describe('an SAP CX territory assignment', () => {
  it('has its version in the field etag, spelled as the header spells it, or in the header', () => {
    expect(cx.versionOf(answer(200, { etag: 'a1' }, { etag: '"zip"' }))).toBe('"a1"');
    expect(cx.versionOf(answer(200, { etag: '"a1"' }))).toBe('"a1"');
    expect(cx.versionOf(answer(200, { etag: 'W/"a1"' }))).toBe('W/"a1"');
    expect(cx.versionOf(answer(200, '{"etag":9007199254740993}'))).toBe('"9007199254740993"');
    expect(cx.versionOf(answer(204, undefined, { etag: '"a2"' }))).toBe('"a2"');
    expect(cx.versionOf(answer(200, { etag: null }, { etag: '"a2"' }))).toBe('"a2"');
  });

  it('trap 13: has none in an answer without one, or in a refusal', () => {
    expect(cx.versionOf(answer(204))).toBeUndefined();
    expect(cx.versionOf(answer(409, { etag: 'a1' }, { etag: '"a1"' }))).toBeUndefined();
  });

  it.each(['"a1"', 'W/"a1"', '"a\\b,c"'])('trap 12: gets %s back byte for byte', version => {
    const read = answer(204, undefined, { etag: version });
    const precondition = { version: cx.versionOf(read) ?? '' };
    expect(cx.writeRequest(planFor(ref, { precondition }))).toEqual({
      method: 'PATCH',
      url: 'https://cx.example/territory-api/v1/assignments/T001',
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/json',
        'If-Match': version,
      },
      body: '{"name":"A"}',
    });
  });

  it('is not written its own version', () => {
    expect(cx.cleanChanges({ etag: 'a0', owner: 'B' })).toEqual({ owner: 'B' });
  });

  it('may come out of a cache, which needs time', () => {
    const cached = answer(200, {}, { 'x-cache-status': 'HIT' });
    expect(cx.cachedReads?.isCached(cached)).toBe(true);
    expect(cx.cachedReads?.isCached(answer(200, {}, { 'x-cache-status': 'MISS' }))).toBe(false);
    expect(cx.cachedReads?.staleMs).toBe(2000);
  });

  it('is described to the dialog', () => {
    expect(cx).toMatchObject({
      methods: ['PATCH', 'PUT'],
      canForce: true,
    });
  });
});

describe('an SAP CX refusal', () => {
  it.each([
    ['row 26', 409, { error: 'ETag mismatch - resource modified' }, 'version-conflict'],
    ['row 28', 409, { error: 'Territory is being realigned' }, 'undetermined'],
    ['row 35', 412, {}, 'version-conflict'],
    ['row 40', 422, { error: 'Unknown sales organization' }, 'validation'],
  ])('%s: %i %j', (_row, status, body, expected) => {
    expect(meaningOf(cx, { status, body }).class).toBe(expected);
  });

  it('row 4: may come with status 200', () => {
    const body = { success: false, message: 'Assignment rejected' };
    expect(meaningOf(cx, { status: 200, body })).toMatchObject({
      class: 'unverified',
      ambiguous: true,
    });
    expect(cx.errorOf(answer(200, body)).message).toBe('Assignment rejected');
  });
});
